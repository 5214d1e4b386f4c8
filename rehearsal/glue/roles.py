"""Roles: a job gets credentials that may do in MinIO what its role's policy, as Terraform wrote it, allows in S3.

MinIO reads IAM's language. A permission that the policy lacks is refused here as it would be on AWS; only statements
about S3 count, and none about keys: MinIO stores without KMS.
"""

import json
from collections.abc import Iterator
from typing import Any

import boto3  # type: ignore[import-untyped]

from rehearsal.glue.emulators import REGION, Credentials, Emulators


def credentials(emulators: Emulators, role: str) -> Credentials:
    """Of the role with this name or ARN. Raises LookupError if its policies say nothing about S3."""
    statements = list(s3_statements(emulators, role.rsplit("/", 1)[-1]))
    if not statements:
        raise LookupError(f"the policies of {role} allow nothing in S3: its job could not even fetch its script")
    sts = client("sts", emulators.s3_url, emulators.s3_user, emulators.s3_password)
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    given = sts.assume_role(RoleArn="arn:xxx:xxx:xxx:xxxx", RoleSessionName="job", Policy=policy)["Credentials"]
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def s3_statements(emulators: Emulators, role: str) -> Iterator[dict[str, Any]]:
    """The statements about S3 in the role's inline policies, as MinIO reads them: it knows no `IfExists`.

    The gate knows it, and asks before MinIO does.
    """
    for statement in statements(emulators, role):
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        if kept := [action for action in actions if action.startswith("s3:")]:
            conditions = statement.get("Condition", {})
            known = {name: block for name, block in conditions.items() if not name.endswith("IfExists")}
            yield {**{name: value for name, value in statement.items() if name != "Condition"}, "Action": kept} | (
                {"Condition": known} if known else {}
            )


def statements(emulators: Emulators, role: str) -> Iterator[dict[str, Any]]:
    """All statements of the role's inline policies."""
    iam = client("iam", emulators.aws_url)
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        yield from iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]["Statement"]


def client(
    service: str,
    url: str,
    user: str = "testing",
    password: str = "testing",  # noqa: S107  moto asks for any
    token: str | None = None,
) -> Any:
    """A client of an emulator; a role's credentials come with a token."""
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=user,
        aws_secret_access_key=password,
        aws_session_token=token,
    )
