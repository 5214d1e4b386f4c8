"""Maintenance makes files few and snapshots fewer, and loses neither a row nor what a tag names."""

from datetime import UTC, datetime
from typing import Any

import pytest

from spark_jobs.lake import maintenance, tables
from spark_jobs.lake.schemas import Schema
from spark_jobs.silver import TABLES

COMMITS = 9


def maintained(table: str) -> tuple[str, ...]:
    """The tables of the trial, which is not declared."""
    return f"deftunes_silver.{table}", f"deftunes_silver.quarantine_{table}"


@pytest.fixture
def grown(lake: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A table and its quarantine of nine commits each, of which a tag names the second; two snapshots are kept."""
    monkeypatch.setattr(maintenance, "KEPT_SNAPSHOTS", 2)
    monkeypatch.setattr(maintenance, "maintained_tables", maintained)
    trials = Schema("deftunes_silver.trials", "id string, day date")
    quarantine = Schema("deftunes_silver.quarantine_trials", "record_id string, ingest_on date")
    tables.ensure(lake.spark, (trials, quarantine))
    for number in range(COMMITS):
        lake.spark.sql(f"insert into lake.deftunes_silver.trials values ('{number}', date'2020-02-29')")
        lake.spark.sql(f"insert into lake.deftunes_silver.quarantine_trials values ('{number}', date'2020-02-29')")
        if number == 1:
            lake.spark.sql("alter table lake.deftunes_silver.trials create tag state_2")
    return lake


def count(lake: Any, of: str) -> int:
    return int(lake.rows(f"select count(*) from SILVER.{of}")[0][0])


def test_files_become_few_and_old_snapshots_go_while_rows_and_tags_stay(grown: Any) -> None:
    assert (count(grown, "trials.files"), count(grown, "trials.snapshots")) == (COMMITS, COMMITS)

    done = maintenance.maintain(grown.spark, "trials", datetime.now(UTC).date())

    assert done["rewritten_files"] == 2 * COMMITS  # of the table and of its quarantine
    assert count(grown, "trials.files") == count(grown, "quarantine_trials.files") == 1
    assert count(grown, "trials.snapshots") == 3  # two, and the one with the tag
    assert count(grown, "quarantine_trials.snapshots") == 2
    assert count(grown, "trials") == count(grown, "quarantine_trials") == COMMITS
    assert count(grown, "trials version as of 'state_2'") == 2
    again = maintenance.maintain(grown.spark, "trials", datetime.now(UTC).date())
    assert again["rewritten_files"] == 0


def test_tables_of_runs_are_maintained_under_one_name(lake: Any) -> None:
    tables.ensure_all(lake.spark, TABLES["users"])
    for number in range(COMMITS):
        tables.append(lake.spark, "runs", [{"run_id": f"r{number}"}])
    before = lake.rows("select run_id from OPS.runs order by 1")
    maintenance.maintain(lake.spark, "ops", datetime.now(UTC).date())
    assert lake.rows("select count(*) from OPS.runs.files") == [(1,)]
    assert lake.rows("select run_id from OPS.runs order by 1") == before
