"""Where the password of the Redshift warehouse comes from, and what dbt's profile is given."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from deftunes import target
from deftunes.gold.settings import gold_settings
from deftunes.gold.warehouse_password import warehouse_password
from deftunes.target import TargetError

ROOT = Path(__file__).parents[3]
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:redshift!deftunes-AbCdEf"


def secrets_manager(answer: Any) -> Any:
    """A boto3.client that knows one secret, or raises what it is given."""

    def get_secret_value(*, SecretId: str) -> dict[str, str]:  # noqa: N803  boto3's name
        assert SecretId == ARN
        if isinstance(answer, Exception):
            raise answer
        return {"SecretString": json.dumps(answer)}

    def client(service: str, *, region_name: str) -> SimpleNamespace:
        assert (service, region_name) == ("secretsmanager", "eu-west-1")
        return SimpleNamespace(get_secret_value=get_secret_value)

    return client


def test_password_is_the_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "client", secrets_manager({"username": "deftunes_admin", "password": "of the secret"}))
    assert warehouse_password(ARN, {}) == "of the secret"


def test_password_of_the_environment_goes_before_the_secret() -> None:
    assert warehouse_password(ARN, {"REDSHIFT_PASSWORD": "given"}) == "given"


def test_before_an_apply_the_error_says_what_to_run() -> None:
    with pytest.raises(
        TargetError, match=r"REDSHIFT_SECRET_ARN is 'after-apply'.*make aws-env.*or set REDSHIFT_PASSWORD"
    ):
        warehouse_password("after-apply", {})


def test_a_secret_that_may_not_be_read_is_named_with_the_action(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetSecretValue")
    monkeypatch.setattr(boto3, "client", secrets_manager(refusal))
    with pytest.raises(TargetError, match=r"redshift!deftunes-AbCdEf \(.*AccessDenied.*secretsmanager:GetSecretValue"):
        warehouse_password(ARN, {})


def test_profile_of_aws_gets_all_it_asks_for() -> None:
    values = {"REDSHIFT_HOST": "h", "REDSHIFT_DATABASE": "d", "REDSHIFT_USER": "u", "REDSHIFT_SECRET_ARN": ARN}
    settings = gold_settings(ROOT, target.load("aws", ROOT, values), {"REDSHIFT_PASSWORD": "p"})
    assert dict(settings.environment) == {
        "S3_ENDPOINT": "https://s3.amazonaws.com",
        "REDSHIFT_HOST": "h",
        "REDSHIFT_DATABASE": "d",
        "REDSHIFT_USER": "u",
        "REDSHIFT_PASSWORD": "p",
    }
    assert "p" not in repr(settings).split("environment")


def test_other_targets_ask_for_no_password() -> None:
    settings = gold_settings(ROOT, target.load("compose", ROOT, {}), {"CATALOG_TOKEN": "sesame"})
    assert dict(settings.environment) == {"S3_ENDPOINT": settings.environment[0][1], "CATALOG_TOKEN": "sesame"}
