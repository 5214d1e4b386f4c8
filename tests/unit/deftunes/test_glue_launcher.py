"""The launcher on AWS: which jobs are started with what, how their ends are told, and what AWS's refusals become."""

import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import NoCredentialsError, ProfileNotFound
from botocore.response import StreamingBody
from botocore.stub import Stubber

from deftunes.launchers.aws_errors import SIGN_IN, aws_problems
from deftunes.launchers.data_api import Warehouse, check_is_question
from deftunes.launchers.glue import GlueJobs
from deftunes.launchers.platform import KEYS, Platform
from deftunes.launchers.rulesets import WORKERS, Rulesets
from deftunes.run.steps import JOBS, STEPS, steps_of
from spark_jobs.problem import Problem

ROOT = Path(__file__).parents[3]
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:warehouse"
VALUES = {
    "PLATFORM_NAME": "shop",
    "ACCOUNT_ID": "123456789012",
    "S3_REGION": "eu-west-1",
    "RUNS_URI": "s3://lake/runs",
    "REDSHIFT_DATABASE": "deftunes",
    "REDSHIFT_SECRET_ARN": SECRET,
}
DAYS = "2020-01-01", "2020-01-02"
REFINE_USERS = steps_of("users", JOBS)[1]
ARGUMENTS = {"--table": "users", "--from": DAYS[0], "--to": DAYS[1], "--run-id": "r"}


class Stubs:
    """A platform whose clients answer what they are told, and are asked for nothing else."""

    def __init__(self) -> None:
        self.platform = Platform.of(VALUES)
        self._open = ExitStack()

    def of(self, service: str) -> Stubber:
        client = boto3.client(service, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
        self.platform._clients[service] = client
        return self._open.enter_context(Stubber(client))

    def close(self) -> None:
        self._open.close()


@pytest.fixture
def stubs() -> Iterator[Stubs]:
    opened = Stubs()
    yield opened
    opened.close()


def started(glue: Stubber, job: str = "shop-refine", arguments: dict[str, str] = ARGUMENTS) -> None:
    glue.add_response("start_job_run", {"JobRunId": "jr_1"}, {"JobName": job, "Arguments": arguments})


def state(glue: Stubber, name: str, **more: Any) -> None:
    answer = {"JobRun": {"JobRunState": name, "LogGroupName": "/aws-glue/jobs/shop-refine", **more}}
    glue.add_response("get_job_run", answer, {"JobName": "shop-refine", "RunId": "jr_1"})


def summary(s3: Stubber, content: dict[str, Any]) -> None:
    body = json.dumps(content).encode()
    answer = {"Body": StreamingBody(io.BytesIO(body), len(body))}
    s3.add_response("get_object", answer, {"Bucket": "lake", "Key": "runs/r/refine-users.json"})


def test_step_is_a_run_of_its_job_and_gives_its_summary(stubs: Stubs) -> None:
    glue, s3 = stubs.of("glue"), stubs.of("s3")
    started(glue)
    for name in ("STARTING", "RUNNING", "SUCCEEDED"):
        state(glue, name)
    summary(s3, {"silver_rows": 7})
    assert GlueJobs(stubs.platform, poll_s=0).run(REFINE_USERS, *DAYS, "r") == {"silver_rows": 7}
    glue.assert_no_pending_responses()


def test_run_that_failed_raises_the_jobs_own_problem(stubs: Stubs) -> None:
    glue, s3 = stubs.of("glue"), stubs.of("s3")
    started(glue)
    state(glue, "FAILED", ErrorMessage="SystemExit: …")
    problem = Problem("A rule failed", "users", "3", "look at the rows", "main is as it was")
    summary(s3, {"problem": problem.as_dict()})
    with pytest.raises(Problem, match="A rule failed") as refused:
        GlueJobs(stubs.platform, poll_s=0).run(REFINE_USERS, *DAYS, "r")
    assert refused.value.untouched == "main is as it was"


def test_run_that_was_ended_from_outside_names_job_run_and_log(stubs: Stubs) -> None:
    glue, s3 = stubs.of("glue"), stubs.of("s3")
    started(glue)
    state(glue, "TIMEOUT", ErrorMessage="too slow")
    s3.add_client_error("get_object", "NoSuchKey")
    with pytest.raises(Problem, match=r"refine users, 2020-01-01 to 2020-01-02 ended as TIMEOUT") as refused:
        GlueJobs(stubs.platform, poll_s=0).run(REFINE_USERS, *DAYS, "r")
    assert "shop-refine, run jr_1" in str(refused.value)
    assert "too slow" in str(refused.value)
    assert "/aws-glue/jobs/shop-refine" in str(refused.value)


def test_stop_stops_what_is_at_work_and_nothing_else(stubs: Stubs) -> None:
    glue = stubs.of("glue")
    jobs = GlueJobs(stubs.platform, poll_s=0)
    started(glue)
    jobs.start(REFINE_USERS, *DAYS, "r")
    glue.add_response("batch_stop_job_run", {}, {"JobName": "shop-refine", "JobRunIds": ["jr_1"]})
    jobs.stop()
    jobs.stop()
    glue.assert_no_pending_responses()


def test_each_step_has_a_job_that_terraform_makes() -> None:
    made = (ROOT / "terraform/main.tf").read_text()
    jobs = GlueJobs(Platform.of(VALUES))
    for step in JOBS:
        name = jobs.job(step).removeprefix("shop-")
        assert f"-{name}" in made or f"-{name.rsplit('-', 1)[0]}-${{each.key}}" in made, name


def test_jobs_are_the_steps_each_after_all_it_compares_with() -> None:
    sessions = next(step for step in JOBS if step.name == "refine sessions")
    assert set(sessions.after) == {"land sessions", "refine users", "refine songs"}
    assert {step.name for step in STEPS} - {step.name for step in JOBS} == {"publish gold"}


@pytest.mark.parametrize(
    ("code", "way_out"),
    [
        ("EntityNotFoundException", "terraform apply makes it"),
        ("ConcurrentRunsExceededException", "another run is going"),
        ("ResourceNumberLimitExceededException", "quota"),
        ("AccessDeniedException", "granted"),
        ("ExpiredTokenException", "sign in"),
    ],
)
def test_refusal_of_aws_has_a_way_out(stubs: Stubs, code: str, way_out: str) -> None:
    stubs.of("glue").add_client_error("start_job_run", code, "no")
    with pytest.raises(Problem, match=way_out) as refused:
        GlueJobs(stubs.platform).start(REFINE_USERS, *DAYS, "r")
    assert refused.value.where == "shop-refine"


@pytest.mark.parametrize("error", [NoCredentialsError(), ProfileNotFound(profile="mine")])
def test_nobody_to_ask_as_says_how_to_sign_in(error: Exception) -> None:
    with pytest.raises(Problem, match="AWS does not know who asks") as refused, aws_problems("start", "here"):
        raise error
    assert refused.value.way_out == SIGN_IN


def test_credentials_of_another_account_are_refused(stubs: Stubs) -> None:
    asking = {"Account": "999999999999", "Arn": "arn:aws:iam::999999999999:user/me", "UserId": "u"}
    stubs.of("sts").add_response("get_caller_identity", asking)
    with pytest.raises(Problem, match="credentials of another account"):
        stubs.platform.check_account()


@pytest.mark.parametrize("key", KEYS)
def test_what_terraform_has_not_written_is_named(key: str) -> None:
    for missing in ("after-apply", "none", ""):
        with pytest.raises(Problem, match=f"{key} is .*make aws-env"):
            Platform.of({**VALUES, key: missing})


def evaluated(glue: Stubber, result: str, status: str = "SUCCEEDED") -> None:
    """Lets an evaluation of sessions end with one rule of this result."""
    request = {
        "DataSource": {"GlueTable": {"DatabaseName": "deftunes_silver", "TableName": "sessions"}},
        "Role": "arn:aws:iam::123456789012:role/shop-data-quality",
        "NumberOfWorkers": WORKERS,
        "RulesetNames": ["shop-sessions"],
    }
    rule = {
        "Name": "Rule_1",
        "Description": 'IsComplete "user_id"',
        "Result": result,
        "EvaluationMessage": "2 are null",
    }
    glue.add_response("start_data_quality_ruleset_evaluation_run", {"RunId": "dq"}, request)
    glue.add_response("get_data_quality_ruleset_evaluation_run", {"RunId": "dq", "Status": "RUNNING"})
    ended = {"RunId": "dq", "Status": status, "ResultIds": ["r"], "ErrorString": "no table"}
    glue.add_response("get_data_quality_ruleset_evaluation_run", ended)
    glue.add_response("get_data_quality_result", {"ResultId": "r", "RuleResults": [rule]})


def test_ruleset_is_evaluated_over_the_whole_table(stubs: Stubs) -> None:
    evaluated(stubs.of("glue"), "PASS")
    assert len(Rulesets(stubs.platform, poll_s=0).run("sessions")) == 1


def test_rule_that_failed_in_the_catalog_is_named_with_its_value(stubs: Stubs) -> None:
    evaluated(stubs.of("glue"), "FAIL")
    with pytest.raises(Problem, match=r'failed over all of it.*IsComplete "user_id": 2 are null'):
        Rulesets(stubs.platform, poll_s=0).run("sessions")


def test_evaluation_that_failed_is_no_pass(stubs: Stubs) -> None:
    evaluated(stubs.of("glue"), "PASS", "FAILED")
    with pytest.raises(Problem, match=r"were not evaluated.*no table"):
        Rulesets(stubs.platform, poll_s=0).run("sessions")


def test_question_to_the_warehouse_gives_values_of_their_types(stubs: Stubs) -> None:
    data = stubs.of("redshift-data")
    request = {"WorkgroupName": "shop", "Database": "deftunes", "SecretArn": SECRET}
    sql = "select * from deftunes_silver.sessions"
    data.add_response("execute_statement", {"Id": "q"}, {**request, "Sql": sql})
    for name in ("STARTED", "FINISHED"):
        data.add_response("describe_statement", {"Id": "q", "Status": name}, {"Id": "q"})
    kinds = {
        "day": "date",
        "start": "timestamp",
        "until": "timestamptz",
        "sales": "numeric",
        "items": "int8",
        "user_id": "varchar",
    }
    columns = [{"name": name, "label": name, "typeName": kind} for name, kind in kinds.items()]
    moments = ("2020-01-01 23:59:59.999999", "2020-01-02 00:00:00+00")
    texts = [{"stringValue": text} for text in ("2020-01-01", *moments, "1.03")]
    row = [*texts, {"longValue": 2}, {"isNull": True}]
    for records, more in (([row], {"NextToken": "n"}), ([row], {})):
        data.add_response("get_statement_result", {"ColumnMetadata": columns, "Records": records, **more})
    names, rows = Warehouse(stubs.platform).rows("select * from lake.deftunes_silver.sessions")
    assert names == list(kinds)
    start, until = datetime(2020, 1, 1, 23, 59, 59, 999999), datetime(2020, 1, 2, tzinfo=UTC)
    assert rows == [(date(2020, 1, 1), start, until, Decimal("1.03"), 2, None)] * 2


def test_question_that_the_warehouse_refuses_says_why(stubs: Stubs) -> None:
    data = stubs.of("redshift-data")
    data.add_response("execute_statement", {"Id": "q"})
    data.add_response("describe_statement", {"Id": "q", "Status": "FAILED", "Error": "no such table"})
    with pytest.raises(Problem, match="no such table"):
        Warehouse(stubs.platform).rows("select 1")


@pytest.mark.parametrize("sql", ["select 'into; x'", "with a as (select 1) select * from a;", "-- drop\nshow tables"])
def test_question_is_one_select(sql: str) -> None:
    check_is_question(sql)


@pytest.mark.parametrize(
    "sql",
    ["drop table gold.dim_users", "select 1; drop table x", "select * into x from y", "", "/* select */ delete from x"],
)
def test_what_is_no_question_is_refused(sql: str) -> None:
    with pytest.raises(Problem, match="This is not one question"):
        check_is_question(sql)
