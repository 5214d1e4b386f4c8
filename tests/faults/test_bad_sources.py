"""Sources that misbehave: the run stops with what, where and the way out, or rows are quarantined; main is whole."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest

from deftunes.run.runner import StepFailedError
from deftunes.services.lifecycle import Endpoints
from spark_jobs.problem import Problem
from tests.end_to_end.conftest import Api, Lake
from tests.layers import ask, layers

DAY = ("2020-03-01", "2020-03-01")


def test_faults_of_the_api_stop_the_run_or_quarantine_the_rows(lakes: Callable[[str], Lake], api: Api) -> None:
    lake = lakes("lake")
    lake.run(*DAY)
    before = layers(lake.root)

    for fault, message in (
        ({"kind": "html", "path": "/sessions"}, "no JSON array"),
        ({"kind": "miscount", "path": "/sessions"}, "own count is not what it delivered"),
        ({"kind": "schema", "path": "/sessions", "change": "drop", "field": "session_start_time"}, "Too many rows"),
        ({"kind": "bad_price", "path": "/sessions", "share": 0.9}, "Too many rows"),
    ):
        api.faults(fault)
        with pytest.raises(StepFailedError, match=message):
            lake.run(*DAY)
        assert layers(lake.root) == before, fault  # main, gold and bi are as they were

    # What passes by itself: a busy server, a page sent twice, records in another order.
    api.faults(
        {"kind": "status", "status": 429, "retry_after": 0, "times": 2},
        {"kind": "duplicate_page", "path": "/sessions"},
        {"kind": "reorder", "path": "/sessions"},
    )
    lake.run(*DAY)
    assert layers(lake.root) == before

    api.faults({"kind": "broken_record", "path": "/sessions"})
    lake.run(*DAY)
    [(quarantined,)] = ask(
        lake.root,
        "select count(*) from lake.deftunes_silver.quarantine_sessions where reasons like 'the record cannot be read%'",
    )
    assert quarantined == 1
    api.faults()
    lake.run(*DAY)
    assert layers(lake.root) == before


def test_faults_of_the_database_name_the_way_out(lakes: Callable[[str], Lake], api: Api) -> None:
    lake = lakes("lake")
    ends = lake.line.ends
    host = ends.source_dsn.split("@")[1]
    arguments = ["land", "--table", "songs", "--from", DAY[0], "--to", DAY[1], "--source-user", "deftunes"]
    arguments += ["--landing-uri", ends.target["LANDING_URI"]]
    for jdbc_url, environment, message in (
        (f"jdbc:postgresql://{host}", "NO_SUCH_PASSWORD", "password"),
        ("jdbc:postgresql://127.0.0.1:1/deftunes", "SOURCE_PASSWORD", "Connection"),
    ):
        with pytest.raises(Problem, match=message):
            lake.line.jobs.run([*arguments, "--source-url", jdbc_url, "--source-password-env", environment])

    for change, message in (
        ("alter table deftunes.songs drop column year", "Table deftunes.songs lacks year"),
        ("drop table deftunes.songs", "has no table deftunes.songs"),
    ):
        execute(ends, change)
        with pytest.raises(Problem, match=message) as stopped:
            lake.line.jobs.run([*arguments, "--source-url", f"jdbc:postgresql://{host}"])
        assert "deftunes.songs" in stopped.value.way_out


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk takes root (2026-11)")
def test_a_full_disk_is_reported_and_leaves_what_was_landed(
    lakes: Callable[[str], Lake], api: Api, tmp_path: Path
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", str(small)], check=True)
    try:
        lake = lakes("lake")
        arguments = ["land", "--table", "sessions", "--api-url", api.url, "--landing-uri", f"file://{small}/landing"]
        lake.line.jobs.run([*arguments, "--from", "2020-03-01", "--to", "2020-03-01"])
        with pytest.raises(Problem, match="No space left"):
            lake.line.jobs.run([*arguments, "--from", "2020-03-01", "--to", "2020-03-31"])
        manifest = small / "landing/api/sessions/ingest_on=2020-03-01/_manifest.json"
        assert '"ingest_on": "2020-03-01"' in manifest.read_text()
    finally:
        subprocess.run(["umount", str(small)], check=True)


def execute(ends: Endpoints, sql: str) -> None:
    connection = psycopg2.connect(ends.source_dsn, password=ends.source_password)
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
    connection.close()
