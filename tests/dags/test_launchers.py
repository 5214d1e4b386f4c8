"""Who starts the work is the target's choice: the command line beside the stack, Glue and dbt on AWS."""

import os
from pathlib import Path
from typing import Any

import boto3
import pytest
from airflow.exceptions import AirflowException
from botocore.stub import Stubber
from include import glue
from include.command_line import CommandLine
from include.glue import Glue
from include.launcher import launcher

from deftunes.run.steps import STEPS

ON_AWS = {"DEFTUNES_TARGET": "aws", "PLATFORM_NAME": "shop", "QUALITY_ROLE_ARN": "arn:aws:iam::1:role/q", "DBT": "/dbt"}
ROOT = Path(__file__).parents[2]


class Jobs:
    """Stands for Glue's hook: keeps what was started, and fails the job named in `failing`."""

    started: list[tuple[str, dict[str, str]]]
    failing = ""

    def __init__(self, job_name: str, job_poll_interval: float) -> None:
        self.name, self.conn = job_name, self
        assert job_poll_interval > 0

    def initialize_job(self, arguments: dict[str, str]) -> dict[str, str]:
        Jobs.started.append((self.name, arguments))
        return {"JobRunId": "jr_1"}

    def job_completion(self, name: str, run_id: str) -> None:
        if name == Jobs.failing:
            raise AirflowException(f"{name} {run_id} failed")

    def get_job_run(self, **_: str) -> dict[str, Any]:
        return {"JobRun": {"JobRunState": "TIMEOUT", "ErrorMessage": "too slow", "LogGroupName": "/aws-glue/jobs/shop"}}


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> type[Jobs]:
    Jobs.started, Jobs.failing = [], ""
    monkeypatch.setattr(glue, "GlueJobHook", Jobs)
    return Jobs


def test_target_chooses_the_launcher() -> None:
    assert isinstance(launcher({}), CommandLine)
    assert isinstance(launcher({"DEFTUNES_TARGET": "compose"}), CommandLine)
    assert isinstance(launcher(ON_AWS), Glue)


@pytest.mark.parametrize("key", ["PLATFORM_NAME", "QUALITY_ROLE_ARN", "DBT"])
def test_setting_that_is_missing_is_named(key: str) -> None:
    with pytest.raises(AirflowException, match=key):
        launcher({name: value for name, value in ON_AWS.items() if name != key})


def test_table_is_landed_and_refined_by_its_jobs(jobs: type[Jobs]) -> None:
    launcher(ON_AWS).run("songs", "2020-01-01", "2020-01-02", maintain=False)
    names = [name for name, _ in jobs.started]
    assert names == ["shop-land-postgres", "shop-refine"]
    landed, refined = (arguments for _, arguments in jobs.started)
    assert landed == refined
    assert landed["--run-id"].replace("_", "").isalnum()
    assert {key: landed[key] for key in ("--table", "--from", "--to")} == {
        "--table": "songs",
        "--from": "2020-01-01",
        "--to": "2020-01-02",
    }


def test_each_step_of_spark_has_a_job_that_terraform_makes() -> None:
    made = (ROOT / "terraform/main.tf").read_text()
    aws = Glue.of(ON_AWS)
    for step in [step for step in STEPS if step.verb in ("land", "refine")]:
        name = aws.job(step).removeprefix("shop-")
        assert f"-{name}" in made or f"-{name.rsplit('-', 1)[0]}-${{each.key}}" in made, name


def test_job_that_fails_says_what_where_and_which_log(jobs: type[Jobs]) -> None:
    jobs.failing = "shop-refine"
    with pytest.raises(AirflowException, match="shop-refine users, 2020-01-01 to 2020-01-01: TIMEOUT") as said:
        launcher(ON_AWS).run("users", "2020-01-01", "2020-01-01", maintain=False)
    assert "too slow" in str(said.value)
    assert "/aws-glue/jobs/shop" in str(said.value)


def test_gold_is_one_build_of_the_window() -> None:
    command = glue.dbt_command("/dbt", "2020-01-01", "2020-01-02")
    assert command[:4] == ["/dbt", "build", "--target", "aws"]
    assert command[-1] == "{window_from: '2020-01-01', window_to: '2020-01-02'}"
    with pytest.raises(AirflowException, match="no day"):
        glue.dbt_command("/dbt", "2020-01-01'; drop", "2020-01-02")


def judged(monkeypatch: pytest.MonkeyPatch, result: str) -> None:
    """Lets an evaluation of sessions end with one rule of this result."""
    client = boto3.client("glue", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    source = {"GlueTable": {"DatabaseName": "deftunes_silver", "TableName": "sessions"}}
    asked = {
        "DataSource": source,
        "Role": ON_AWS["QUALITY_ROLE_ARN"],
        "NumberOfWorkers": glue.EVALUATION_WORKERS,
        "RulesetNames": ["shop-sessions"],
    }
    rule = {
        "Name": "Rule_1",
        "Description": 'IsComplete "user_id"',
        "Result": result,
        "EvaluationMessage": "2 are null",
    }
    ended = {"RunId": "dqrun-1", "Status": "SUCCEEDED", "ResultIds": ["dqresult-1"]}
    stub = Stubber(client)
    stub.add_response("start_data_quality_ruleset_evaluation_run", {"RunId": "dqrun-1"}, asked)
    stub.add_response("get_data_quality_ruleset_evaluation_run", ended, {"RunId": "dqrun-1"})
    stub.add_response("get_data_quality_ruleset_evaluation_run", ended, {"RunId": "dqrun-1"})
    stub.add_response("get_data_quality_result", {"ResultId": "dqresult-1", "RuleResults": [rule]})
    stub.activate()
    monkeypatch.setattr(glue.GlueDataQualityHook, "conn", client)
    monkeypatch.setattr(glue.GlueDataQualityHook, "get_client_type", lambda *_, **__: client)


def test_maintenance_judges_the_whole_table_by_its_ruleset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "AWS_DEFAULT_REGION", "eu-west-1")
    judged(monkeypatch, "PASS")
    launcher(ON_AWS).run("sessions", "2020-01-01", "2020-01-07", maintain=True)


def test_maintenance_fails_with_the_rule_and_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    judged(monkeypatch, "FAIL")
    with pytest.raises(AirflowException, match='failed over all of it: IsComplete "user_id": 2'):
        launcher(ON_AWS).run("sessions", "2020-01-01", "2020-01-07", maintain=True)
