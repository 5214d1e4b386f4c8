"""Whether each lock of requirements/ resolves to wheels on every kind of machine that the doctor knows.

`make check-locks` asks the resolver itself, wheels only and with hashes, and installs nothing. Standard library only.
"""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from deftunes.setup import environments, jars
from deftunes.setup.installers import SetupError, run, uv_environment

PLATFORMS = {
    "Linux on x86-64": "x86_64-unknown-linux-gnu",
    "Linux on arm64": "aarch64-unknown-linux-gnu",
    "macOS on arm64": "aarch64-apple-darwin",
}
# Published as source alone, for any machine; they are Python without a compiler's work.
SOURCE_ONLY = ("pyspark", "odfpy", "wtforms-json")

Resolve = Callable[[Path, str], None]


def lacking(root: Path, resolve: Resolve) -> Iterator[str]:
    """A line for each lock and platform that has no wheels, with the resolver's reason."""
    for lock in locks(root):
        for platform, triple in PLATFORMS.items():
            try:
                resolve(lock, triple)
            except SetupError as error:
                reason = next((line for line in str(error).splitlines() if "Because" in line), str(error).strip())
                yield f"requirements/{lock.name}, {platform}: {reason.strip()}"


def locks(root: Path) -> list[Path]:
    """Every lock of Python packages."""
    return [path for path in sorted((root / "requirements").glob("*.txt")) if path.stem not in jars.LISTS]


def resolver(root: Path) -> Resolve:
    """uv, asked what it would install. Raises SetupError, as an answer, where a wheel is lacking."""
    uv = environments.folder(root, "uv")
    built = [word for name in SOURCE_ONLY for word in ("--no-binary", name)]
    ask: list[str | Path] = [
        uv / "bin/uv",
        "pip",
        "install",
        "--dry-run",
        "--python",
        uv / "bin/python",
        "--python-version",
        "3.11",
    ]

    def resolve(lock: Path, triple: str) -> None:
        only: list[str | Path] = ["--only-binary", ":all:", *built, "--require-hashes"]
        run([*ask, "--python-platform", triple, *only, "--requirement", lock], uv_environment(root, os.environ))

    return resolve


def main() -> None:
    root = Path.cwd()
    if found := list(lacking(root, resolver(root))):
        sys.exit("\n".join(found))
    sys.stdout.write(f"  {len(locks(root))} locks have wheels for {', '.join(PLATFORMS)}\n")


if __name__ == "__main__":
    main()
