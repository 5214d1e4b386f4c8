"""Which lines of the Python code tests reach: those of pytest's own process and of every program that they start.

`python -m tests.coverage_run test test-dags` runs these targets of make, prints the files with the least coverage, and
writes all of them to var/coverage/html. Programs of ours get a short list of variables (docs/decisions/0044), none of
which says what is to be measured: a .pth file does, in each environment that has coverage.py, which Python reads
whatever its variables are. It has no effect once the process that wrote it is gone, and is removed in the end.
"""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import coverage

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "var/coverage"
SETTINGS = ROOT / "pyproject.toml"
# Folders of packages and of loose modules.
MEASURED = (
    *("airflow/dags", "airflow/include", "deftunes", "mock_api", "rehearsal", "spark_jobs"),
    *("superset", "terraform", "terraform/jobs"),
)
LEAST_COVERED = 40
VARIABLES = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG", "COVERAGE_FILE")
START = """
import os
try:
    os.kill({process}, 0)
    import coverage
except (ImportError, OSError):
    pass
else:
    os.environ.update(COVERAGE_PROCESS_START={settings!r}, COVERAGE_FILE={data!r})
    coverage.process_startup()
    for name in {variables!r}:
        os.environ.pop(name, None)
"""


@contextmanager
def programs_measured(environments: Path, data: Path, process: int) -> Iterator[None]:
    """Has each Python of the environments that starts within write what it reached, to files named as `data`."""
    start = START.format(process=process, settings=str(SETTINGS), data=str(data), variables=VARIABLES)
    packages = {found.parent for found in environments.glob("*/lib/python*/site-packages/coverage")}
    written = [folder / "measured.pth" for folder in packages]
    try:
        for path in written:
            path.write_text(f"import sys; exec({start!r})\n")
        yield
    finally:
        for path in written:
            path.unlink(missing_ok=True)


def combined(data: Path) -> coverage.Coverage:
    """What all the files beside `data` say together, and that nothing was reached in files that none of them names."""
    unreached = coverage.Coverage(str(data), data_suffix=True, config_file=str(SETTINGS), source=MEASURED)
    unreached.start()
    unreached.stop()
    unreached.save()
    result = coverage.Coverage(str(data), config_file=str(SETTINGS))
    result.combine([str(data.parent)])
    result.save()
    return result


def main() -> None:
    shutil.rmtree(PLACE, ignore_errors=True)
    data = PLACE / "data/measured"
    data.parent.mkdir(parents=True, mode=0o700)
    with programs_measured(ROOT / ".venv", data, os.getpid()):
        code = subprocess.run(["make", *sys.argv[1:]], cwd=ROOT, check=False).returncode
    result = combined(data)
    result.html_report(directory=str(PLACE / "html"))
    table = io.StringIO()
    result.report(file=table, sort="cover", skip_covered=True)
    sys.stdout.write(f"{least_covered(table.getvalue(), LEAST_COVERED)}all files: {PLACE}/html/index.html\n")
    sys.exit(code)


def least_covered(table: str, number: int) -> str:
    """The heading, the first so many files and the total of coverage.py's table."""
    heading, line, *rows = table.splitlines()
    total = next(row for row in rows if row.startswith("TOTAL "))
    files = rows[: rows.index(line)] if line in rows else rows[: rows.index(total)]
    return "\n".join((heading, line, *files[:number], line, total, ""))


if __name__ == "__main__":
    main()
