"""The state of a platform on AWS: last runs of jobs, and the tables, also before there are any."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from deftunes.lake.status_row import LAST_RULE_OUTCOMES, counts_of
from deftunes.launchers import aws_status
from deftunes.launchers.platform import KEYS, Platform
from spark_jobs.problem import Problem

VALUES = dict.fromkeys(KEYS, "x") | {"PLATFORM_NAME": "shop", "S3_REGION": "eu-west-1"}
Answers = dict[str, "tuple[list[str], list[tuple[Any, ...]]] | Problem"]


@pytest.fixture
def platform() -> Platform:
    return Platform.of(VALUES)


@pytest.fixture
def glue(platform: Platform) -> Iterator[Stubber]:
    client = boto3.client("glue", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    platform._clients["glue"] = client
    with Stubber(client) as stubber:
        yield stubber


def warehouse_with(answers: Answers) -> type:
    """A warehouse that knows these questions and no other."""

    class Known:
        def __init__(self, platform: Platform) -> None:
            """Any platform."""

        def rows(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
            answer = answers[sql]
            if isinstance(answer, Problem):
                raise answer
            return answer

    return Known


def test_status_has_the_last_run_of_each_job_and_the_one_that_never_ran(platform: Platform, glue: Stubber) -> None:
    started = datetime(2020, 1, 3, 4, 5, 6, tzinfo=UTC)
    arguments = {"--table": "users", "--from": "2020-01-01", "--to": "2020-01-02"}
    runs: list[list[dict[str, Any]]] = [
        [{"JobRunState": "SUCCEEDED", "StartedOn": started, "Arguments": arguments}],
        [],
        [{"JobRunState": "FAILED", "StartedOn": started, "Arguments": arguments, "ErrorMessage": "no space"}],
        [{"JobRunState": "RUNNING", "StartedOn": started}],
    ]
    for job, found in zip(("land-api", "land-postgres", "refine", "build"), runs, strict=True):
        glue.add_response("get_job_runs", {"JobRuns": found}, {"JobName": f"shop-{job}", "MaxResults": 1})

    at, about = "2020-01-03 04:05:06", "users, 2020-01-01 to 2020-01-02"
    assert [tuple(row.values()) for row in aws_status.jobs(platform)] == [
        ("shop-land-api", "SUCCEEDED", at, about, ""),
        ("shop-land-postgres", "never ran", "", "", ""),
        ("shop-refine", "FAILED", at, about, "no space"),
        ("shop-build", "RUNNING", at, "", ""),
    ]


def test_table_has_its_counts_and_the_outcomes_of_its_own_rules(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = [("users", "IsComplete", "Passed"), ("users", "IsUnique", "Quarantined"), ("songs", "Mean", "Failed")]
    last = ("users", "2020-01-01", "2020-01-02", "published", 3, None)
    columns = ["table_name", "window_from", "window_to", "outcome", "quarantined_rows", "snapshot_id"]
    answers: Answers = {
        LAST_RULE_OUTCOMES: (["table_name", "rule", "outcome"], list(rules)),
        aws_status.LAST_RUNS: (columns, [last]),
        counts_of("users"): (["rows", "quarantined"], [(120, 3)]),
    }
    monkeypatch.setattr(aws_status, "Warehouse", warehouse_with(answers))

    assert aws_status.tables(platform) == [
        {
            "table": "users",
            "rows": 120,
            "last window": "2020-01-01 to 2020-01-02",
            "last run": "published",
            "rules": "1 passed, 1 quarantined",
            "quarantined": 3,
            "snapshot": "none",
        }
    ]


@pytest.mark.parametrize("value", ["EntityNotFoundException: runs", 'relation "lake.runs" does not exist'])
def test_platform_that_no_window_ran_on_has_no_tables(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    lacking = Problem("The statement failed", "redshift", value, "")
    answers: Answers = {LAST_RULE_OUTCOMES: lacking, aws_status.LAST_RUNS: lacking}
    monkeypatch.setattr(aws_status, "Warehouse", warehouse_with(answers))

    assert aws_status.tables(platform) == []


def test_warehouse_that_refuses_is_a_problem(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Problem("The statement failed", "redshift", "permission denied", "")
    monkeypatch.setattr(aws_status, "Warehouse", warehouse_with({LAST_RULE_OUTCOMES: refused}))

    with pytest.raises(Problem, match="permission denied"):
        aws_status.outcomes(platform)
