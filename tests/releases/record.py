"""Writes the lake of this release and keeps it under tests/releases: `make release-lake`.

Three days by two runs: a session without items, which is in quarantine, a session that moves to the next day, a user
who changes the country, an inferred buyer. The program is called by its command line alone, so that this file does the
same at every release.
"""

import shutil
import sys
import tempfile
import tomllib
from pathlib import Path

from tests.checkout import PROJECT, checkout
from tests.releases.lake import RELEASES, pack
from tests.source import Source, serve, serve_mock_api

SEED, SCALE = 7, 0.01
FIRST, SECOND, LAST = "2020-02-19", "2020-02-20", "2020-02-21"


def main() -> int:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    archive = RELEASES / f"{version}.tar.xz"
    folder = Path(tempfile.mkdtemp())
    made = checkout(folder / "release")
    try:
        with serve_mock_api(SEED, SCALE) as mock, serve(Source(mock)) as source:
            source.take(FIRST, LAST)
            run = ("run", "--seed", str(SEED), "--scale", str(SCALE))
            for step, (first, last) in enumerate(((FIRST, SECOND), (SECOND, LAST))):
                if step:
                    _change(source)
                done = made.deftunes(*run, "--from", first, "--to", last, API_URL=source.url)
                if done.returncode:
                    sys.stderr.write(done.stdout + done.stderr)
                    return 1
        pack(made.root, archive)
    finally:
        made.deftunes("down")
        shutil.rmtree(folder)
    sys.stdout.write(f"{archive.relative_to(PROJECT)}: {archive.stat().st_size:,} bytes\n")
    return 0


def _change(source: Source) -> None:
    moved = next(
        each for each in source.sessions if each["session_start_time"][:10] == FIRST and len(each["session_items"]) > 1
    )
    moved["session_start_time"] = f"{SECOND}T00:10:00.000000"
    user = next(each for each in source.users if each["user_since"][:10] in (SECOND, LAST))
    user["user_location"][3] = "FR"


if __name__ == "__main__":
    sys.exit(main())
