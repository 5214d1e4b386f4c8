"""The figures the design sets itself, measured on the embedded target in a checkout of its own.

`python benchmarks/bench.py quick` takes some minutes; `all` adds a year of history and millions of items. The table is
printed and kept, with versions and machine, under benchmarks/results, and a line of benchmarks/history.jsonl added.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from benchmarks.duckdb_one_pass import one_pass  # noqa: E402  the project is found by the line above
from deftunes import target  # noqa: E402
from deftunes.services import lifecycle  # noqa: E402
from tests.checkout import Checkout, checkout  # noqa: E402

HISTORY = PROJECT / "benchmarks/history.jsonl"
QUARTER = ("--from", "2020-01-01", "--to", "2020-03-31")
Figures = list[tuple[str, str, str]]  # what, measured, target


def main() -> None:
    sizes = sys.argv[1] if len(sys.argv) > 1 else "quick"
    if sizes not in ("quick", "all"):
        sys.exit("usage: bench.py quick|all")
    figures: Figures = []
    for measure in (quarter, *((history, millions) if sizes == "all" else ())):
        figures += measured(measure)
    keep(sizes, figures)


def measured(measure: Callable[[Checkout], Figures]) -> Figures:
    """One group of figures in a new checkout, which is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="deftunes-bench-") as folder:
        place = checkout(Path(folder) / "checkout")
        try:
            return measure(place)
        finally:
            lifecycle.down(place.root)


def quarter(place: Checkout) -> Figures:
    """Scale 1: cold, the same again, one more day, a week by day, the mock API. Throughput wants more rows."""
    cold, cold_s = run(place, *QUARTER)
    again, again_s = run(place, *QUARTER)
    _, day_s = run(place, "--from", "2020-04-01", "--to", "2020-04-01")
    _, week_s = run(place, "--from", "2020-04-02", "--to", "2020-04-08", "--by-day")
    bare_s = bare_passes(place)["json_to_gold_s"]
    items = cold["totals"][0]["rows"]
    same = sum(step.get("is_changed", False) for step in again["steps"][0] if step["step"].startswith("refine"))
    return [
        (f"cold to a published star schema, {items:,} items", f"{cold_s:.1f} s", "≤ 25 s"),
        ("cold : DuckDB, JSON of the same days to gold in one pass", f"{cold_s:.1f} s : {bare_s:.1f} s", "yardstick"),
        ("the same window again", f"{again_s:.1f} s, {same} tables changed", "≤ the first, 0 changed"),
        ("one more day, a new invocation", f"{day_s:.1f} s", "≤ 25 s"),
        ("one more day inside an invocation: a week less a day, by 6", f"{(week_s - day_s) / 6:.1f} s", "≤ 8 s"),
        ("mock API, one process", f"{mock_api_mb_s(place):.0f} MB/s", "≥ 50 MB/s"),
    ]


def history(place: Checkout) -> Figures:
    """A day's cost behind ten days of history, and behind a year of it."""
    run(place, "--from", "2020-01-01", "--to", "2020-01-10")
    short = warm_day_s(run(place, "--from", "2020-01-11", "--to", "2020-01-17", "--by-day")[0])
    run(place, "--from", "2020-01-18", "--to", "2020-12-31")
    long = warm_day_s(run(place, "--from", "2021-01-01", "--to", "2021-01-07", "--by-day")[0])
    return [
        ("a day with a year of history : with ten days", f"{long:.1f} s : {short:.1f} s = {long / short:.2f}", "≤ 1.2")
    ]


def millions(place: Checkout) -> Figures:
    """Scale 20: four days are 0.1 million items, a month is near a million, a year near ten."""
    run(place, "--from", "2020-01-01", "--to", "2020-01-04", "--scale", "20")
    few = gold_of_a_day(place, "2020-01-05")
    with memory(place) as of_month:
        month, _ = run(place, "--from", "2020-01-01", "--to", "2020-01-31", "--scale", "20")
    with memory(place) as of_year:
        year, _ = run(place, "--from", "2020-01-01", "--to", "2020-12-31", "--scale", "20")
    many = gold_of_a_day(place, "2021-01-01")
    items = year["totals"][0]["rows"]
    sizes = f"{items:,} items : {month['totals'][0]['rows']:,}"
    peaks = f"{of_year.peak_gb:.1f} GB : {of_month.peak_gb:.1f} GB = {of_year.peak_gb / of_month.peak_gb:.2f}"
    return [
        *throughput(place, year),
        (f"gold on DuckDB from {items:,} silver items", f"{seconds(year, 'build gold'):.1f} s", "≤ 25 s"),
        (
            f"gold of a day, built and published, behind {items:,} items : behind 0.1 M",
            f"{many:.1f} s : {few:.1f} s = {many / few:.2f}",
            "≤ 6 s, ≤ 1.2",
        ),
        (f"peak memory of all processes of a run, {sizes}", peaks, "flat from 1 M to 50 M"),
    ]


@dataclass
class Memory:
    """The most that all processes of a checkout held at once, in 10^9 bytes; pages that two share count twice."""

    root: Path
    peak_gb: float = 0.0

    def look(self) -> None:
        held = 0
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it ended meanwhile
                if str(self.root).encode() in (process / "cmdline").read_bytes():
                    held += int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        self.peak_gb = max(self.peak_gb, held / 1e9)


@contextmanager
def memory(place: Checkout) -> Iterator[Memory]:
    """Looks once a second for as long as the context lasts."""
    seen, ended = Memory(place.root), threading.Event()

    def watch() -> None:
        while not ended.wait(1):
            seen.look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()


def run(place: Checkout, *arguments: str) -> tuple[dict[str, Any], float]:
    """What `deftunes run --json` said, and its wall time."""
    started = time.monotonic()
    finished = place.deftunes("run", *arguments, "--json", timeout_s=3600)
    taken = time.monotonic() - started
    if finished.returncode != 0:
        sys.exit(finished.stdout + finished.stderr)
    return json.loads(finished.stdout), taken


def gold_of_a_day(place: Checkout, day: str) -> float:
    """Seconds of building and publishing gold of one day more: the median of three, of which the last two change it
    not, by an invocation each."""
    runs = [run(place, "--from", day, "--to", day, "--scale", "20")[0] for _ in range(3)]
    return statistics.median(seconds(done, "build gold") + seconds(done, "publish gold") for done in runs)


def bare_passes(place: Checkout) -> dict[str, float]:
    """What DuckDB takes for the landed bytes of a checkout, without rules, snapshots or a second chance."""
    with tempfile.TemporaryDirectory(prefix="deftunes-bench-") as work:
        return one_pass(place.root / "var/lake/landing", Path(work))


def throughput(place: Checkout, done: dict[str, Any]) -> Figures:
    """Items a second from landing to silver, rules included, beside DuckDB's bare passes over the same bytes."""
    items = done["totals"][0]["rows"]
    ours_s = seconds(done, "refine sessions")
    bare = bare_passes(place)
    share = bare["json_to_parquet_s"] / ours_s
    return [
        (
            f"landing to silver, rules and publish included, {items:,} items",
            f"{items / ours_s:,.0f} items/s",
            "≥ 150,000",
        ),
        ("DuckDB, JSON to one Parquet file", f"{items / bare['json_to_parquet_s']:,.0f} items/s", "yardstick"),
        ("our share of that", f"{share:.2f}", "≥ 0.25"),
        ("DuckDB, JSON to the same gold in one pass", f"{bare['json_to_gold_s']:.1f} s", "yardstick"),
    ]


def seconds(done: dict[str, Any], step: str) -> float:
    return float(next(each["seconds"] for each in done["steps"][0] if each["step"] == step))


def warm_day_s(week: dict[str, Any]) -> float:
    """Mean of the days after the first, which carries the start of Spark; the last part is gold of them all."""
    return statistics.mean(week["part_seconds"][1:-1])


def mock_api_mb_s(place: Checkout) -> float:
    url = f"{target.load('embedded', place.root)['API_URL']}/sessions?start_date=2020-01-01&end_date=2022-12-31"
    started, size = time.monotonic(), 0
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310  our own loopback server
        while chunk := answer.read(1 << 20):
            size += len(chunk)
    return size / 1e6 / (time.monotonic() - started)


def keep(sizes: str, figures: Figures) -> None:
    """Prints the table and writes it down."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    machine = f"{os.cpu_count()} CPUs, {memory_gb:.0f} GB, {platform.system()} {platform.machine()}"
    versions = {name: version(name) for name in ("duckdb", "dbt-core", "pyiceberg")}
    load = os.getloadavg()[0]
    table = Table(title=f"{machine}, load {load:.1f} at the end", title_justify="left")
    for name in ("what", "measured", "target"):
        table.add_column(name)
    for row in figures:
        table.add_row(*row)
    Console().print(table)
    folder = PROJECT / "benchmarks/results"
    folder.mkdir(exist_ok=True)
    kept = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine,
        "load_at_end": load,
        "versions": versions,
    }
    rows = [dict(zip(("what", "measured", "target"), row, strict=True)) for row in figures]
    path = folder / f"{sizes}.json"
    path.write_text(json.dumps({**kept, "figures": rows}, indent=1, ensure_ascii=False) + "\n")
    remember({**kept, "sizes": sizes, "commit": commit(), "figures": {row["what"]: row["measured"] for row in rows}})
    Console().print(f"kept in {path.relative_to(PROJECT)}, and as a line of {HISTORY.relative_to(PROJECT)}")


def remember(line: dict[str, Any]) -> None:
    """Adds a run to the history, so that a loss shows: a run's ratios to DuckDB tell more than its seconds."""
    with HISTORY.open("a", encoding="utf-8") as history:
        history.write(json.dumps(line, ensure_ascii=False) + "\n")


def commit() -> str:
    """The commit that is measured; with a plus if files of the checkout differ from it."""
    message = subprocess.run(
        ["git", "describe", "--always", "--abbrev=12", "--dirty=+"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    return message.stdout.strip() or "unknown"


if __name__ == "__main__":
    main()
