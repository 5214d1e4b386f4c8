"""The password of the Redshift warehouse. Redshift makes it and keeps it in Secrets Manager; no file here holds it."""

import json
from collections.abc import Mapping

from deftunes.target import TargetError


def warehouse_password(secret_arn: str, environ: Mapping[str, str]) -> str:
    """REDSHIFT_PASSWORD if it is set, else the key `password` of the secret. Raises TargetError."""
    if given := environ.get("REDSHIFT_PASSWORD"):
        return given
    parts = secret_arn.split(":")
    if parts[:3] != ["arn", "aws", "secretsmanager"] or len(parts) < 7:
        raise TargetError(
            f"REDSHIFT_SECRET_ARN is {secret_arn!r}, which is no secret: run `make aws-env` and bring in var/aws.env, "
            "or set REDSHIFT_PASSWORD"
        )
    import boto3  # type: ignore[import-untyped]  # of dbt-redshift; a second to load, and needed on AWS only
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

    try:
        answer = boto3.client("secretsmanager", region_name=parts[3]).get_secret_value(SecretId=secret_arn)
    except (BotoCoreError, ClientError) as error:
        raise TargetError(
            f"the warehouse's password cannot be read from {secret_arn} ({error}): have secretsmanager:GetSecretValue "
            "and kms:Decrypt granted there, or set REDSHIFT_PASSWORD"
        ) from error
    return str(json.loads(answer["SecretString"])["password"])
