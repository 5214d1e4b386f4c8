"""The gate's rules: what a request needs of IAM, and whether a role's statements give it."""

import json

import pytest

from rehearsal.aws.actions import Need, of_json, of_s3
from rehearsal.aws.policies import allows

HOST, BUCKET_HOST = "s3.eu-west-1.amazonaws.com", "lake.s3.eu-west-1.amazonaws.com"
LAKE = "arn:aws:s3:::lake"
GLUE = "arn:aws:glue:eu-west-1:123456789012"
LIST = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": LAKE}


@pytest.mark.parametrize(
    ("method", "host", "target", "needed"),
    [
        ("GET", HOST, "/lake/landing/a%20b", [("s3:GetObject", f"{LAKE}/landing/a b")]),
        ("HEAD", BUCKET_HOST, "/landing/x", [("s3:GetObject", f"{LAKE}/landing/x")]),
        ("PUT", BUCKET_HOST, "/x?partNumber=1&uploadId=u", [("s3:PutObject", f"{LAKE}/x")]),
        ("POST", BUCKET_HOST, "/x?uploads", [("s3:PutObject", f"{LAKE}/x")]),
        ("DELETE", BUCKET_HOST, "/x?uploadId=u", [("s3:AbortMultipartUpload", f"{LAKE}/x")]),
        ("DELETE", BUCKET_HOST, "/x", [("s3:DeleteObject", f"{LAKE}/x")]),
        ("GET", HOST, "/lake?location", [("s3:GetBucketLocation", LAKE)]),
        ("HEAD", HOST, "/lake", [("s3:ListBucket", LAKE)]),
    ],
)
def test_request_to_s3_needs(method: str, host: str, target: str, needed: list[tuple[str, str]]) -> None:
    assert [(need.action, need.resource) for need in of_s3(method, host, target, {}, b"")] == needed


def test_listing_has_its_prefix_in_the_context() -> None:
    assert list(of_s3("GET", BUCKET_HOST, "/?list-type=2&prefix=landing%2F", {}, b"")) == [
        Need("s3:ListBucket", LAKE, {"s3:prefix": "landing/"})
    ]


def test_copy_needs_its_source_and_a_deletion_each_key() -> None:
    copied = of_s3("PUT", BUCKET_HOST, "/b", {"x-amz-copy-source": "/lake/a"}, b"")
    assert [need.action for need in copied] == ["s3:PutObject", "s3:GetObject"]
    body = b"<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object></Delete>"
    deleted = of_s3("POST", BUCKET_HOST, "/?delete", {}, body)
    assert [need.resource for need in deleted] == [f"{LAKE}/a", f"{LAKE}/b"]


def test_call_about_a_table_needs_catalog_and_database_too() -> None:
    body = json.dumps({"DatabaseName": "silver", "TableInput": {"Name": "users"}}).encode()
    assert [need.resource for need in of_json("AWSGlue.UpdateTable", body)] == [
        f"{GLUE}:catalog", f"{GLUE}:database/silver", f"{GLUE}:table/silver/users",
    ]  # fmt: skip


def test_an_unknown_service_is_an_error() -> None:
    with pytest.raises(LookupError, match="DynamoDB"):
        list(of_json("DynamoDB.PutItem", b"{}"))


@pytest.mark.parametrize(
    ("condition", "context", "is_allowed"),
    [
        ({}, {}, True),
        ({"StringLike": {"s3:prefix": "landing/*"}}, {"s3:prefix": "landing/api/"}, True),
        ({"StringLike": {"s3:prefix": "landing/*"}}, {"s3:prefix": "warehouse/"}, False),
        ({"StringLike": {"s3:prefix": "landing/*"}}, {}, False),
        ({"StringLikeIfExists": {"s3:prefix": "landing/*"}}, {}, True),
        ({"StringLikeIfExists": {"s3:prefix": "landing/*"}}, {"s3:prefix": ""}, False),
    ],
)
def test_condition(condition: dict[str, object], context: dict[str, str], is_allowed: bool) -> None:
    assert allows([{**LIST, "Condition": condition}], "s3:ListBucket", LAKE, context) is is_allowed


def test_nothing_is_allowed_that_no_statement_names_and_a_denial_wins() -> None:
    assert not allows([LIST], "s3:GetObject", LAKE, {})
    assert not allows([LIST], "s3:ListBucket", f"{LAKE}2", {})
    assert not allows([LIST, {**LIST, "Effect": "Deny", "Action": "s3:*"}], "s3:ListBucket", LAKE, {})


def test_a_condition_that_is_not_known_is_no_yes() -> None:
    with pytest.raises(NotImplementedError):
        allows([{**LIST, "Condition": {"DateLessThan": {"x": "y"}}}], "s3:ListBucket", LAKE, {})
