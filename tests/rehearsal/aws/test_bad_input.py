"""What may go wrong on AWS: the error names the resource, and the way out."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from deftunes.gold import build as gold
from rehearsal import jobs
from rehearsal.glue.roles import client
from rehearsal.platform import ApplyError
from rehearsal.play import aws_gold
from rehearsal.stage import Stage
from tests.rehearsal.aws.conftest import BAD, Played

LAND = {"--table": "users", "--from": "2020-01-01", "--to": "2020-01-01", "--run-id": BAD}


@contextmanager
def without_statement(stage: Stage, role: str, sid: str) -> Iterator[None]:
    """The role's policies lack one statement for a while."""
    iam = client("iam", stage.emulators.aws_url)
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


def test_missing_permission_names_bucket_and_key(played: Played) -> None:
    with without_statement(played.stage, "deftunes-land-api", "WriteOwnLanding"):
        run = jobs.run(
            played.stage.emulators, "deftunes-land-api", {**LAND, "--from": "2020-01-02", "--to": "2020-01-02"}
        )
    assert run.state == "FAILED"
    assert "deftunes-lake-123456789012" in run.said
    assert "ACCESS_DENIED" in run.said
    assert "fix access" in run.said


def test_missing_permission_to_the_code_stops_a_run_before_it_starts(played: Played) -> None:
    with without_statement(played.stage, "deftunes-refine", "ReadCode"):
        run = jobs.run(played.stage.emulators, "deftunes-refine", LAND)
    assert run.state == "FAILED"
    assert "403" in run.said or "Forbidden" in run.said


def test_missing_permission_to_the_tables_is_named(played: Played) -> None:
    with without_statement(played.stage, "deftunes-refine", "WriteWarehouse"):
        run = jobs.run(played.stage.emulators, "deftunes-refine", LAND)
    assert run.state == "FAILED"
    assert "The job lacks a permission" in run.said
    assert "Access Denied" in run.said


def test_job_that_hangs_is_ended_at_its_timeout(played: Played) -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        api = {"--api-url": f"http://127.0.0.1:{mute.getsockname()[1]}", "--api-timeout-s": "600"}
        run = jobs.run(played.stage.emulators, "deftunes-land-api", {**LAND, **api}, Timeout=1)
    assert run.state == "TIMEOUT"
    assert "1 minutes" in run.said
    assert 55 < run.seconds < 120


def evaluated(stage: Stage, ruleset: str, table: str) -> dict[str, Any]:
    """An evaluation run of the catalog, when it has ended."""
    glue = client("glue", stage.emulators.aws_url)
    role = "arn:aws:iam::123456789012:role/deftunes-data-quality"
    source = {"GlueTable": {"DatabaseName": "deftunes_silver", "TableName": table}}
    run = glue.start_data_quality_ruleset_evaluation_run(DataSource=source, Role=role, RulesetNames=[ruleset])
    while (told := glue.get_data_quality_ruleset_evaluation_run(RunId=run["RunId"]))["Status"] == "RUNNING":
        time.sleep(0.5)
    return dict(told)


def test_catalog_ruleset_judges_its_table(played: Played) -> None:
    told = evaluated(played.stage, "deftunes-songs", "songs")
    assert told["Status"] == "SUCCEEDED", told
    glue = client("glue", played.stage.emulators.aws_url)
    result = glue.get_data_quality_result(ResultId=told["ResultIds"][0])
    assert result["Score"] == 1.0
    assert {rule["Result"] for rule in result["RuleResults"]} == {"PASS"}


def test_evaluation_that_cannot_read_its_table_names_it(played: Played) -> None:
    told = evaluated(played.stage, "deftunes-songs", "no_such_table")
    assert told["Status"] == "FAILED"
    assert "no_such_table" in told["ErrorString"]


def test_gold_without_the_external_schema_names_it(played: Played) -> None:
    house, role = played.stage.warehouse, "arn:aws:iam::123456789012:role/deftunes-warehouse"
    house.execute("drop schema deftunes_silver")
    try:
        with pytest.raises(gold.GoldError) as said:
            gold.build_gold(aws_gold(played.stage))
        assert any("deftunes_silver" in finding.text() for finding in said.value.findings)
    finally:
        house.execute(
            "create external schema if not exists deftunes_silver from data catalog database 'deftunes_silver' "
            f"region 'eu-west-1' iam_role '{role}'"
        )


def test_wrong_region_is_refused_before_anything_is_made(played: Played) -> None:
    with pytest.raises(ApplyError, match="region must be a region of the standard partition"):
        played.stage.platform.apply(played.stage.source, region="cn-north-1")


def test_name_over_the_limit_is_refused_before_anything_is_made(played: Played) -> None:
    with pytest.raises(ApplyError, match="name must have 3 to 20"):
        played.stage.platform.apply(played.stage.source, name="a-name-that-is-far-too-long")


def test_existing_bucket_is_named(played: Played) -> None:
    s3 = client("s3", played.stage.emulators.aws_url)
    place = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket="taken-lake-123456789012", CreateBucketConfiguration=place)
    apart = played.stage.platform.apart("taken")
    with pytest.raises(ApplyError, match="taken-lake-123456789012"):
        apart.apply_only("module.lake.module.data.aws_s3_bucket.this", played.stage.source, name="taken")
