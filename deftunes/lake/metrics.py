"""The figures of runs for Prometheus: what deftunes_ops says of each silver table, as gauges in OpenMetrics.

Each column of FIGURES is a gauge `deftunes_<column>` with the label `table`; HELP says what it is, and its unit.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

from prometheus_client import CollectorRegistry, Metric, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.registry import Collector

from deftunes import target
from deftunes.lake import queries
from deftunes.lake.catalog import open_catalog
from deftunes.lake.status_row import LAST_RULE_OUTCOMES, counts_of

# A failed refinement has no figures: those of the last one that passed stand beside the outcome of the last.
FIGURES = """
with refinements as (select * from lake.deftunes_ops.runs where verb = 'refine'),
last as (
  select * from refinements qualify row_number() over (partition by table_name order by finished_at desc) = 1
),
passed as (
  select *, max(window_to) over (partition by table_name) as newest_day from refinements where outcome = 'passed'
  qualify row_number() over (partition by table_name order by finished_at desc) = 1
)
select last.table_name,
  cast(last.outcome = 'passed' as integer) as refinement_success,
  epoch(last.finished_at) as refinement_finished_timestamp_seconds,
  epoch(last.finished_at) - epoch(last.started_at) as refinement_duration_seconds,
  epoch(passed.finished_at) as refinement_passed_timestamp_seconds,
  epoch(passed.newest_day) as newest_day_timestamp_seconds,
  date_diff('day', passed.window_from, passed.window_to) + 1 as refinement_window_days,
  passed.landed_records as refinement_landed_records,
  passed.duplicate_records as refinement_duplicate_records,
  passed.opened_rows as refinement_opened_rows,
  passed.silver_rows as refinement_silver_rows,
  passed.quarantined_rows as refinement_quarantined_rows
from last left join passed on last.table_name = passed.table_name
order by last.table_name
"""
HELP = {
    "refinement_success": "1 if the last refinement of the table passed, else 0.",
    "refinement_finished_timestamp_seconds": "When the last refinement ended, passed or not.",
    "refinement_duration_seconds": "How long the last refinement took.",
    "refinement_passed_timestamp_seconds": "When the last refinement that passed ended.",
    "newest_day_timestamp_seconds": "The beginning of the newest day that any refinement that passed was about.",
    "refinement_window_days": "Days in the window of the last refinement that passed.",
    "refinement_landed_records": "Records of landing that it read.",
    "refinement_duplicate_records": "Records among them that another record superseded.",
    "refinement_opened_rows": "Rows that its records were made into.",
    "refinement_silver_rows": "Rows of it that went into silver.",
    "refinement_quarantined_rows": "Rows of it that were quarantined.",
}


class RunCollector(Collector):
    """Asks the lake at each scrape, which fails when the lake does not answer: Prometheus then says `up` is 0."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def collect(self) -> Iterator[Metric]:
        """The gauges, none before the first run. Raises Problem, and what the catalog raises."""
        values = target.current(self._root)
        if not open_catalog(values).table_exists("deftunes_ops.runs"):
            return
        with queries.connect(values, self._root, with_lake=True) as connection:
            yield from gauges(connection)


def gauges(connection: Any) -> Iterator[Metric]:
    """The gauges of every table that was refined. Raises Problem when the lake cannot answer."""
    figures = _rows(connection, FIGURES)
    counts = {run["table_name"]: queries.rows(connection, counts_of(run["table_name"]))[1][0] for run in figures}
    outcomes = _rows(connection, LAST_RULE_OUTCOMES)
    for name, help_text in HELP.items():
        yield _gauge(name, help_text, {(run["table_name"],): run[name] for run in figures})
    yield _gauge(
        "table_rows", "Rows of the silver table, all days.", {(name,): each[0] for name, each in counts.items()}
    )
    yield _gauge(
        "quarantine_rows", "Rows of its quarantine, all days.", {(name,): each[1] for name, each in counts.items()}
    )
    tally = Counter((str(each["table_name"]), str(each["outcome"]).lower()) for each in outcomes)
    yield _gauge("rule_outcomes", "Rules of the last evaluation, by outcome.", tally, ("table", "outcome"))


def text(root: Path) -> str:
    """All gauges as OpenMetrics text. Raises as RunCollector.collect does."""
    return str(generate_latest(_registry(root)).decode())  # type: ignore[no-untyped-call]


def serve(root: Path, address: str, port: int) -> tuple[int, Thread]:
    """Answers every scrape in a thread of its own: the port in use, and the thread that listens. Raises OSError."""
    server, thread = start_http_server(port, address, _registry(root))
    return server.server_port, thread


def _registry(root: Path) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(RunCollector(root))
    return registry


def _rows(connection: Any, sql: str) -> list[dict[str, Any]]:
    names, rows = queries.rows(connection, sql)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _gauge(name: str, text: str, values: Any, labels: tuple[str, ...] = ("table",)) -> GaugeMetricFamily:
    """A gauge; what a table has no value of is left out."""
    family = GaugeMetricFamily(f"deftunes_{name}", text, labels=labels)
    for key, value in values.items():
        if value is not None:
            family.add_metric(key, float(value))
    return family
