"""The figures of runs as gauges: what the run log says of each table, and that alerts name gauges that exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from deftunes.lake import metrics

ROOT = Path(__file__).parents[3]
RULES = ROOT / "services/prometheus/rules.yml"
RUN = "insert into lake.deftunes_ops.runs by name select"
PASSED = (
    "'users' as table_name, 'refine' as verb, 'passed' as outcome, 100 as landed_records, 3 as duplicate_records, "
    "97 as opened_rows, 95 as silver_rows, 2 as quarantined_rows, date '2020-01-01' as window_from, "
    "date '2020-01-07' as window_to, timestamptz '2020-02-01 10:00:00Z' as started_at, "
    "timestamptz '2020-02-01 10:00:30Z' as finished_at"
)
FAILED = (
    "'users' as table_name, 'refine' as verb, 'failed' as outcome, date '2020-01-08' as window_from, "
    "date '2020-01-08' as window_to, timestamptz '2020-02-02 10:00:00Z' as started_at, "
    "timestamptz '2020-02-02 10:02:00Z' as finished_at"
)


@pytest.fixture
def lake() -> Iterator[duckdb.DuckDBPyConnection]:
    """A lake in memory, with users and a run log that is empty."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as lake")
        connection.execute("create schema lake.deftunes_ops; create schema lake.deftunes_silver")
        connection.execute(
            "create table lake.deftunes_ops.runs (table_name text, verb text, outcome text, window_from date, "
            "window_to date, landed_records bigint, duplicate_records bigint, opened_rows bigint, silver_rows bigint, "
            "quarantined_rows bigint, started_at timestamptz, finished_at timestamptz)"
        )
        connection.execute(
            "create table lake.deftunes_ops.rule_outcomes "
            "(table_name text, rule text, outcome text, evaluated_at timestamptz)"
        )
        for name, rows in (("users", 950), ("quarantine_users", 2)):
            connection.execute(f"create table lake.deftunes_silver.{name} as select unnest(range({rows})) as id")
        yield connection


def figures(lake: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Gauge -> value of users, read back from the text by Prometheus' own reader."""

    class Lake(Collector):
        def collect(self) -> Iterator[Metric]:
            yield from metrics.gauges(lake)

    registry = CollectorRegistry()
    registry.register(Lake())
    text = generate_latest(registry).decode()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    assert {sample.labels["table"] for sample in samples} <= {"users"}
    return {
        sample.name.removeprefix("deftunes_") + sample.labels.get("outcome", ""): sample.value for sample in samples
    }


def test_figures_are_those_of_the_last_refinement(lake: duckdb.DuckDBPyConnection) -> None:
    earlier = PASSED.replace("100 as", "7 as").replace("2020-02-01", "2020-01-31")
    for run in (PASSED, earlier):
        lake.execute(f"{RUN} {run}")

    assert figures(lake) == {
        "refinement_success": 1,
        "refinement_finished_timestamp_seconds": 1580551230,
        "refinement_duration_seconds": 30,
        "refinement_passed_timestamp_seconds": 1580551230,
        "newest_day_timestamp_seconds": 1578355200,
        "refinement_window_days": 7,
        "refinement_landed_records": 100,
        "refinement_duplicate_records": 3,
        "refinement_opened_rows": 97,
        "refinement_silver_rows": 95,
        "refinement_quarantined_rows": 2,
        "table_rows": 950,
        "quarantine_rows": 2,
    }


def test_failed_refinement_stands_beside_the_figures_of_the_one_that_passed(lake: duckdb.DuckDBPyConnection) -> None:
    for run in (PASSED, FAILED):
        lake.execute(f"{RUN} {run}")

    found = figures(lake)

    assert found["refinement_success"] == 0
    assert found["refinement_duration_seconds"] == 120
    assert found["refinement_landed_records"] == 100
    assert found["newest_day_timestamp_seconds"] == 1578355200
    assert found["refinement_finished_timestamp_seconds"] - found["refinement_passed_timestamp_seconds"] == 86490


def test_table_that_never_passed_has_no_figures_but_how_it_ended(lake: duckdb.DuckDBPyConnection) -> None:
    lake.execute(f"{RUN} {FAILED}")

    assert set(figures(lake)) == {
        "refinement_success",
        "refinement_finished_timestamp_seconds",
        "refinement_duration_seconds",
        "table_rows",
        "quarantine_rows",
    }


def test_older_day_that_is_refined_again_does_not_make_the_table_older(lake: duckdb.DuckDBPyConnection) -> None:
    backfill = PASSED.replace("2020-01-0", "2019-12-0").replace("2020-02-01", "2020-02-03")
    for run in (PASSED, backfill):
        lake.execute(f"{RUN} {run}")

    assert figures(lake)["newest_day_timestamp_seconds"] == 1578355200


def test_rules_are_counted_by_outcome_of_the_last_evaluation(lake: duckdb.DuckDBPyConnection) -> None:
    lake.execute(f"{RUN} {PASSED}")
    for day, rule, outcome in ((1, "a", "Failed"), (2, "a", "Passed"), (2, "b", "Passed"), (2, "c", "Failed")):
        lake.execute(
            "insert into lake.deftunes_ops.rule_outcomes values ('users', ?, ?, ?)", [rule, outcome, f"2020-02-0{day}"]
        )

    found = figures(lake)

    assert (found["rule_outcomespassed"], found["rule_outcomesfailed"]) == (2, 1)


def test_run_log_without_a_run_has_no_figures(lake: duckdb.DuckDBPyConnection) -> None:
    assert figures(lake) == {}


def test_alerts_and_the_page_name_gauges_that_exist(lake: duckdb.DuckDBPyConnection) -> None:
    lake.execute(f"{RUN} {PASSED}")
    lake.execute("insert into lake.deftunes_ops.rule_outcomes values ('users', 'a', 'Passed', '2020-02-01')")
    exist = {f"deftunes_{name.removesuffix('passed')}" for name in figures(lake)}
    page = ROOT / "services/prometheus/consoles/index.html"

    for path in (RULES, page, ROOT / "docs/metrics.md"):
        named = set(re.findall(r"\bdeftunes_[a-z_]+", path.read_text(encoding="utf-8"))) - {"deftunes_ops"}
        assert named
        assert named - exist == set(), path.name
    assert exist - set(re.findall(r"\bdeftunes_[a-z_]+", (ROOT / "docs/metrics.md").read_text())) == set()


def test_every_alert_has_a_case_for_and_one_against_it() -> None:
    rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    alerts = {rule["alert"] for group in rules for rule in group["rules"] if "alert" in rule}
    tests = yaml.safe_load((ROOT / "services/prometheus/rules_test.yml").read_text(encoding="utf-8"))["tests"]
    cases = [(case["alertname"], bool(case.get("exp_alerts"))) for test in tests for case in test["alert_rule_test"]]

    assert alerts
    assert {(alert, fires) for alert in alerts for fires in (True, False)} == set(cases)
    assert alerts == set(re.findall(r"^\| `([A-Z]\w+)` \|", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE))
