"""Requests and answers, held to botocore's models."""

from typing import Any

from rehearsal.aws.models import deviations, missing, operation_of, refusal

WORKGROUP = {"workgroupName": "w", "status": "AVAILABLE"}


def output(target: str, answer: dict[str, Any]) -> list[str]:
    operation = operation_of(target)
    assert operation is not None
    return list(deviations(operation.output_shape, answer))


def test_a_request_that_aws_would_refuse_is_noticed() -> None:
    operation = operation_of("AWSGlue.CreateJob")
    assert operation is not None
    request = {"Name": "j", "Role": "r", "Command": {"Name": "glueetl"}}
    assert refusal(operation, request) == ""
    assert "Colour" in refusal(operation, {**request, "Colour": "red"})
    assert "Role" in refusal(operation, {"Name": "j", "Command": {}})
    assert "Timeout" in refusal(operation, {**request, "Timeout": "60"})


def test_an_answer_that_no_sdk_expects_is_noticed() -> None:
    target = "RedshiftServerless.GetWorkgroup"
    assert output(target, {"workgroup": WORKGROUP}) == []
    assert output(target, {"workgroup": {**WORKGROUP, "colour": "red"}}) == [".workgroup.colour is not known"]
    assert output(target, {"workgroup": {**WORKGROUP, "port": "5439"}}) == [".workgroup.port is str, not integer"]
    assert "none of" in output(target, {"workgroup": {**WORKGROUP, "status": "READY"}})[0]
    assert output(target, {"workgroup": None}) == [".workgroup is missing"] or output(target, {}) == []


def test_what_an_answer_lacks_is_listed() -> None:
    operation = operation_of("RedshiftServerless.GetUsageLimit")
    assert operation is not None
    lacking = set(missing(operation.output_shape, {"usageLimit": {"amount": 60}}))
    assert ".usageLimit.breachAction" in lacking
    assert ".usageLimit.amount" not in lacking


def test_a_service_whose_requests_are_no_json_is_left_alone() -> None:
    assert operation_of("") is None
    assert operation_of("DynamoDB_20120810.GetItem") is None
