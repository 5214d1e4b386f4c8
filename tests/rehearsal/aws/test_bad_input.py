"""What may go wrong on AWS: the error names the resource, and the way out."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from rehearsal import jobs
from rehearsal.environment import Environment
from rehearsal.glue.roles import client
from rehearsal.platform import ApplyError
from tests.rehearsal.aws.conftest import BAD, DATASET, Rehearsal

LAND = {"--table": "users", "--from": "2020-01-01", "--to": "2020-01-01", "--run-id": BAD}


@contextmanager
def without_statement(environment: Environment, role: str, sid: str) -> Iterator[None]:
    """The role's policies lack one statement for a while."""
    iam = client("iam", environment.emulators.aws_url)
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    documents = {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}

    def put(leave_out: str) -> None:
        for name, document in documents.items():
            kept = [each for each in document["Statement"] if each["Sid"] != leave_out]
            if not kept:
                iam.delete_role_policy(RoleName=role, PolicyName=name)
                continue
            text = json.dumps({**document, "Statement": kept})
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=text)

    assert any(each["Sid"] == sid for document in documents.values() for each in document["Statement"])
    put(leave_out=sid)
    try:
        yield
    finally:
        put(leave_out="")


def test_missing_permission_names_bucket_and_key(rehearsal: Rehearsal) -> None:
    with without_statement(rehearsal.environment, "deftunes-land-api", "WriteOwnLanding"):
        run = jobs.run(
            rehearsal.environment.emulators, "deftunes-land-api", {**LAND, "--from": "2020-01-02", "--to": "2020-01-02"}
        )
    assert run.state == "FAILED"
    assert "deftunes-lake-123456789012" in run.message
    assert "ACCESS_DENIED" in run.message
    assert "fix access" in run.message


def test_missing_permission_to_the_code_stops_a_run_before_it_starts(rehearsal: Rehearsal) -> None:
    with without_statement(rehearsal.environment, "deftunes-refine", "ReadCode"):
        run = jobs.run(rehearsal.environment.emulators, "deftunes-refine", LAND)
    assert run.state == "FAILED"
    assert "403" in run.message or "Forbidden" in run.message


def test_missing_permission_to_the_tables_is_named(rehearsal: Rehearsal) -> None:
    with without_statement(rehearsal.environment, "deftunes-refine", "WriteWarehouse"):
        run = jobs.run(rehearsal.environment.emulators, "deftunes-refine", LAND)
    assert run.state == "FAILED"
    assert "The job lacks a permission" in run.message
    assert "is not authorized to perform: s3:" in run.message


def mute_api(listening: socket.socket) -> dict[str, str]:
    """Arguments of a job that asks an API which never answers, and takes it for its source."""
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    return {"--api-url": url, "--api-timeout-s": "600", "--accept-sources": "true"}


def test_job_that_hangs_is_ended_at_its_timeout(rehearsal: Rehearsal) -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        api = mute_api(mute)
        run = jobs.run(rehearsal.environment.emulators, "deftunes-land-api", {**LAND, **api}, Timeout=1)
    assert run.state == "TIMEOUT"
    assert "1 minutes" in run.message
    assert 55 < run.seconds < 120


def test_job_that_is_stopped_ends_with_its_processes(rehearsal: Rehearsal) -> None:
    """As Ctrl-C of `deftunes run --target aws` does."""
    glue = client("glue", rehearsal.environment.emulators.aws_url)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        api = mute_api(mute)
        started = glue.start_job_run(JobName="deftunes-land-api", Arguments={**LAND, **api})["JobRunId"]
        mute.settimeout(120)
        mute.accept()[0].close()  # the job is at work
        answer = glue.batch_stop_job_run(JobName="deftunes-land-api", JobRunIds=[started])
    assert [each["JobRunId"] for each in answer["SuccessfulSubmissions"]] == [started]
    ended = glue.get_job_run(JobName="deftunes-land-api", RunId=started)["JobRun"]
    assert ended["JobRunState"] == "STOPPED"
    folder = rehearsal.environment.emulators.folder / "runs" / f"deftunes-land-api-{started[-12:]}"
    assert [each for each in command_lines() if str(folder) in each] == []


def command_lines() -> Iterator[str]:
    """Of all processes of this machine."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended meanwhile
            yield path.read_text(errors="replace").replace("\0", " ")


def evaluated(environment: Environment, ruleset: str, table: str) -> dict[str, Any]:
    """An evaluation run of the catalog, when it has ended."""
    glue = client("glue", environment.emulators.aws_url)
    role = "arn:aws:iam::123456789012:role/deftunes-data-quality"
    source = {"GlueTable": {"DatabaseName": "deftunes_silver", "TableName": table}}
    run = glue.start_data_quality_ruleset_evaluation_run(DataSource=source, Role=role, RulesetNames=[ruleset])
    while (conditions := glue.get_data_quality_ruleset_evaluation_run(RunId=run["RunId"]))["Status"] == "RUNNING":
        time.sleep(0.5)
    return dict(conditions)


def test_catalog_ruleset_is_evaluated_on_its_table(rehearsal: Rehearsal) -> None:
    conditions = evaluated(rehearsal.environment, "deftunes-songs", "songs")
    assert conditions["Status"] == "SUCCEEDED", conditions
    glue = client("glue", rehearsal.environment.emulators.aws_url)
    result = glue.get_data_quality_result(ResultId=conditions["ResultIds"][0])
    assert result["Score"] == 1.0
    assert {rule["Result"] for rule in result["RuleResults"]} == {"PASS"}


def test_evaluation_that_cannot_read_its_table_names_it(rehearsal: Rehearsal) -> None:
    conditions = evaluated(rehearsal.environment, "deftunes-songs", "no_such_table")
    assert conditions["Status"] == "FAILED"
    assert "no_such_table" in conditions["ErrorString"]


def test_gold_without_the_external_schema_names_it(rehearsal: Rehearsal) -> None:
    house, role = rehearsal.environment.warehouse, "arn:aws:iam::123456789012:role/deftunes-warehouse"
    seen = house.rows("select * from bi.daily_sales_vw order by 1, 2")
    house.execute("drop schema deftunes_silver")
    try:
        days = {"--from": DATASET.first, "--to": DATASET.first}
        ended = jobs.run(rehearsal.environment.emulators, "deftunes-build", {**LAND, **days, "--table": "gold"})
        assert ended.state == "FAILED"
        assert "deftunes_silver" in ended.message
        assert house.rows("select * from bi.daily_sales_vw order by 1, 2") == seen
    finally:
        house.execute(
            "create external schema if not exists deftunes_silver from data catalog database 'deftunes_silver' "
            f"region 'eu-west-1' iam_role '{role}'"
        )


def test_wrong_region_is_refused_before_anything_is_made(rehearsal: Rehearsal) -> None:
    with pytest.raises(ApplyError, match="region must be a region of the standard partition"):
        rehearsal.environment.platform.apply(rehearsal.environment.source, region="cn-north-1")


def test_name_over_the_limit_is_refused_before_anything_is_made(rehearsal: Rehearsal) -> None:
    with pytest.raises(ApplyError, match="name must have 3 to 20"):
        rehearsal.environment.platform.apply(rehearsal.environment.source, name="a-name-that-is-far-too-long")


def test_existing_bucket_is_named(rehearsal: Rehearsal) -> None:
    s3 = client("s3", rehearsal.environment.emulators.aws_url)
    place = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket="taken-lake-123456789012", CreateBucketConfiguration=place)
    apart = rehearsal.environment.platform.apart("taken")
    with pytest.raises(ApplyError, match="taken-lake-123456789012"):
        apart.apply_only("module.lake.module.data.aws_s3_bucket.this", rehearsal.environment.source, name="taken")
