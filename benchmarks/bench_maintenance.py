"""What maintenance of the lake is worth: a lake that grows by day, measured before and after.

`python benchmarks/bench_maintenance.py [DAYS]` refines that many days (366), one window a day, in a checkout of its own
at scale 0.01, without the maintenance that a run does by itself. The table is printed and kept under
benchmarks/results.
"""

import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from deftunes import target  # noqa: E402  the project is found by the line above
from deftunes.lake import queries  # noqa: E402
from deftunes.lake.catalog import open_catalog  # noqa: E402
from deftunes.run.pipeline import Pipeline, RunRequest, pipeline  # noqa: E402
from deftunes.run.steps import MAINTENANCE, REFINING, new_run_id  # noqa: E402
from deftunes.services import lifecycle  # noqa: E402
from spark_jobs.window import Window  # noqa: E402
from tests.checkout import checkout  # noqa: E402

SEED, SCALE = 42, 0.01
FIRST = date(2020, 1, 1)
TABLES = ("deftunes_silver.sessions", "deftunes_silver.users", "deftunes_ops.runs", "deftunes_ops.rule_outcomes")
REPEATS = 5


def main() -> None:
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 366
    with tempfile.TemporaryDirectory(prefix="deftunes-bench-") as folder:
        root = checkout(Path(folder) / "checkout").root
        try:
            with pipeline(target.load("embedded", root), RunRequest((), SEED, SCALE, None), _ignore) as line:
                lines = measured(line, days)
        finally:
            lifecycle.down(root)
    text = "\n".join(lines)
    kept = PROJECT / f"benchmarks/results/maintenance-{datetime.now(UTC):%Y%m%d}.md"
    kept.write_text(f"# Maintenance of a lake of {days} days, one window a day, scale {SCALE:g}\n\n{text}\n")
    sys.stdout.write(f"{text}\n{kept.relative_to(PROJECT)}\n")


def measured(line: Pipeline, days: int) -> list[str]:
    """The table: a row for each table before and after, and what the last days and maintenance took."""
    seconds = [refine_s(line, FIRST + timedelta(days=number)) for number in range(days)]
    before = {table: figures(line, table) for table in TABLES}
    started, today = time.monotonic(), datetime.now(UTC).date()
    line.run_window(Window(today, today), _ignore, MAINTENANCE)
    maintenance_s = time.monotonic() - started
    after = {table: figures(line, table) for table in TABLES}
    after_s = [refine_s(line, FIRST + timedelta(days=number)) for number in range(days, days + 3)]
    heading = "| table | | data files | files a partition | snapshots | metadata | query |"
    rows = [f"| {table} | {when} | {found} |" for table in TABLES for when, found in
            (("before", before[table]), ("after", after[table]))]  # fmt: skip
    return [
        heading,
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
        f"A day took {mean(seconds[3:13]):.1f} s at first, {mean(seconds[-10:]):.1f} s at the end, "
        f"{mean(after_s):.1f} s after maintenance, which took {maintenance_s:.1f} s for all tables.",
    ]


def refine_s(line: Pipeline, day: date) -> float:
    """How long a run of its own takes to land and refine the day: each run has its id, and leaves a state."""
    line.run_id = new_run_id()
    started = time.monotonic()
    line.run_window(Window(day, day), _ignore, REFINING)
    return time.monotonic() - started


def figures(line: Pipeline, name: str) -> str:
    """Data files, files a partition, snapshots, KiB of the metadata file, and the best of some queries over all."""
    table = open_catalog(line.ends.target).load_table(name)
    files = table.inspect.data_files()
    partitions = len({str(row) for row in files["partition"].to_pylist()}) or 1
    metadata = Path(table.metadata_location.removeprefix("file:")).stat().st_size
    best = min(query_s(line, name) for _ in range(REPEATS))
    return (
        f"{len(files):,} | {len(files) / partitions:.1f} | {len(table.metadata.snapshots):,} | "
        f"{metadata / 1024:,.0f} KiB | {best * 1000:,.0f} ms"
    )


def query_s(line: Pipeline, name: str) -> float:
    with queries.connect(line.ends.target, line.root, with_lake=True) as connection:
        started = time.monotonic()
        connection.execute(f"select count(*), max(columns(*)) from lake.{name}").fetchall()  # noqa: S608  names of ours
        return time.monotonic() - started


def mean(seconds: list[float]) -> float:
    return sum(seconds) / len(seconds) if seconds else 0.0


def _ignore(_: object) -> None:
    """Nobody looks at the progress."""


if __name__ == "__main__":
    main()
