"""The rehearsal is as hard as AWS: plans, answers, roles and networks, and what fails when one of them is broken."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from rehearsal import jobs
from rehearsal.aws.models import missing, operation_of
from rehearsal.checkout import package
from rehearsal.environment import Environment
from rehearsal.findings import KNOWN_REFUSALS, calls, deviations
from rehearsal.glue.reach import attributes
from rehearsal.glue.roles import client
from rehearsal.platform import ApplyError
from tests.rehearsal.aws.conftest import BAD, DATASET, Rehearsal
from tests.rehearsal.aws.test_bad_input import without_statement

WINDOW = {"--from": DATASET.first, "--to": DATASET.last, "--run-id": BAD}
# What AWS's answers leave out of a workgroup and a namespace that nobody asked for it.
UNSET = {
    "adminPasswordSecretKmsKeyId", "catalogArn", "crossAccountVpcs", "customDomainCertificateArn",
    "customDomainCertificateExpiryTime", "customDomainName", "extraComputeForAutomaticOptimization",
    "lakehouseRegistrationStatus", "pendingTrackName", "s3TablePublishStatus", "level", "vpcEndpoints",
}  # fmt: skip


@contextmanager
def without(environment: Environment, kind: str, service: str) -> Iterator[None]:
    """Terraform's state lacks one endpoint for a while, as if it had never been made."""
    path = environment.emulators.folder / "terraform.tfstate"
    kept = path.with_suffix(".kept")
    shutil.copy(path, kept)
    state = json.loads(path.read_text())
    for resource in state["resources"]:
        if resource["type"] == kind:
            resource["instances"] = [
                each for each in resource["instances"] if service not in json.dumps(each["attributes"])
            ]
    path.write_text(json.dumps(state))
    try:
        yield
    finally:
        shutil.move(kept, path)


def test_a_second_plan_is_empty_though_the_first_apply_stopped_halfway(rehearsal: Rehearsal) -> None:
    assert rehearsal.environment.platform.changes(rehearsal.environment.source) == []


def test_a_plan_after_an_update_of_code_is_empty(rehearsal: Rehearsal) -> None:
    environment = rehearsal.environment
    with (environment.root / "spark_jobs/__init__.py").open("a") as file:
        file.write("# another state of the code\n")
    package(environment.root)
    planned = environment.platform.changes(environment.source)
    assert [each for each in planned if "aws_glue_job" in each and "default_arguments" in each]
    environment.platform.apply(environment.source)
    assert environment.platform.changes(environment.source) == []


def test_requests_and_answers_are_what_botocore_describes(rehearsal: Rehearsal) -> None:
    assert deviations(rehearsal.environment.emulators.folder) == []


@pytest.mark.parametrize(("operation", "name"), [("GetWorkgroup", "workgroup"), ("GetNamespace", "namespace")])
def test_answers_about_the_warehouse_are_as_full_as_those_of_aws(
    rehearsal: Rehearsal, operation: str, name: str
) -> None:
    redshift = client("redshift-serverless", rehearsal.environment.emulators.aws_url)
    ask = redshift.get_workgroup if name == "workgroup" else redshift.get_namespace
    model = operation_of(f"RedshiftServerless.{operation}")
    assert model is not None
    lacking = missing(model.output_shape, ask(**{f"{name}Name": "deftunes"}))
    assert {place.rsplit(".", 1)[1] for place in lacking} <= UNSET


def test_roles_were_refused_nothing_that_they_needed(rehearsal: Rehearsal) -> None:
    folder = rehearsal.environment.emulators.folder
    assert [each for each in rehearsal.refused if not KNOWN_REFUSALS.match(each)] == []
    called = {(call["role"], call["action"].split(":")[0]) for call in calls(folder)}
    assert {
        ("deftunes-land-postgres", "secretsmanager"),
        ("deftunes-refine", "glue"),
        ("deftunes-refine", "kms"),
    } <= called


def test_credentials_were_renewed_while_jobs_ran(rehearsal: Rehearsal) -> None:
    keys = {call["key"] for call in calls(rehearsal.environment.emulators.folder) if call["role"] == "deftunes-refine"}
    assert len(keys) > 1


def run(rehearsal: Rehearsal, job: str, **arguments: str) -> Any:
    return jobs.run(rehearsal.environment.emulators, job, {**WINDOW, **arguments})


def test_a_missing_endpoint_stops_the_job_in_the_vpc(rehearsal: Rehearsal) -> None:
    with without(rehearsal.environment, "aws_vpc_endpoint", "secretsmanager"):
        ended = run(rehearsal, "deftunes-land-postgres", **{"--table": "songs"})
    assert ended.state == "FAILED"
    assert "secretsmanager" in ended.message


def test_a_missing_prefix_list_stops_the_job_in_the_vpc(rehearsal: Rehearsal) -> None:
    with without(rehearsal.environment, "aws_vpc_security_group_egress_rule", "pl-"):
        ended = run(rehearsal, "deftunes-land-postgres", **{"--table": "songs"})
    assert ended.state == "FAILED"
    assert "s3.eu-west-1.amazonaws.com" in ended.message


def test_a_missing_rule_to_the_database_stops_the_job_in_the_vpc(rehearsal: Rehearsal) -> None:
    with without(rehearsal.environment, "aws_vpc_security_group_egress_rule", "127.0.0.1/32"):
        ended = run(rehearsal, "deftunes-land-postgres", **{"--table": "songs"})
    assert ended.state == "FAILED"
    assert "Table deftunes.songs could not be read" in ended.message


@pytest.mark.parametrize(
    ("role", "sid", "table", "action"),
    [
        ("deftunes-refine", "MakeAndCommitTables", "users", "glue:Get"),
        ("deftunes-land-postgres", "ReadSecret", "songs", "secretsmanager:GetSecretValue"),
        ("deftunes-land-postgres", "DecryptSecret", "songs", "kms:Decrypt"),
    ],
)
def test_a_missing_statement_is_named(rehearsal: Rehearsal, role: str, sid: str, table: str, action: str) -> None:
    with without_statement(rehearsal.environment, role, sid):
        ended = run(rehearsal, role, **{"--table": table})
    assert ended.state == "FAILED"
    assert action in ended.message


def test_job_knows_its_endpoints_by_their_names_only(rehearsal: Rehearsal) -> None:
    glue = client("glue", rehearsal.environment.emulators.aws_url)
    for job in ("deftunes-land-api", "deftunes-land-postgres", "deftunes-refine"):
        arguments = glue.get_job(JobName=job)["Job"]["DefaultArguments"]
        assert rehearsal.environment.emulators.aws_url not in json.dumps(arguments)
        assert rehearsal.environment.emulators.s3_url not in json.dumps(arguments)
    state = json.loads((rehearsal.environment.emulators.folder / "terraform.tfstate").read_text())
    assert [each["service_name"].rsplit(".", 1)[1] for each in attributes(state, "aws_vpc_endpoint")] == [
        "s3",
        "secretsmanager",
    ]


def test_a_default_that_aws_names_by_itself_leaves_a_plan_that_aws_refuses(rehearsal: Rehearsal) -> None:
    """One parameter of the workgroup is said, AWS answers with all of them: every apply after the first would fail."""
    environment = rehearsal.environment
    path = environment.root / "terraform/modules/serving/main.tf"
    text, required = path.read_text(), 'parameter_key = "require_ssl"\n    parameter_value = "true"'
    path.write_text(text.replace("  publicly_accessible = false\n", f"  config_parameter {{\n    {required}\n  }}\n"))
    try:
        planned = environment.platform.changes(environment.source)
        assert [each for each in planned if "aws_redshiftserverless_workgroup" in each and "config_parameter" in each]
        with pytest.raises(ApplyError, match="any changes to the configuration parameters"):
            environment.platform.apply(environment.source)
    finally:
        path.write_text(text)
