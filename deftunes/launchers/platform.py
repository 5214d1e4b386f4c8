"""The platform on AWS that Terraform made: what it is called, where it is, and clients that ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from deftunes.launchers.aws_errors import UNTOUCHED, aws_problems
from spark_jobs.problem import Problem

KEYS = ("PLATFORM_NAME", "ACCOUNT_ID", "S3_REGION", "RUNS_URI", "REDSHIFT_DATABASE", "REDSHIFT_SECRET_ARN")


@dataclass
class Platform:
    """`name` begins the names of all that Terraform made; `runs_uri` is where jobs leave their summaries."""

    name: str
    account_id: str
    region: str
    runs_uri: str
    database: str
    secret_arn: str
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)
    _one_at_a_time: Lock = field(default_factory=Lock, repr=False)

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "Platform":
        """By the keys of the target. Raises Problem for one that only Terraform knows, and that it has not written."""
        for key in KEYS:
            value = values.get(key, "")
            if not value or value == "none" or "after-apply" in value:
                raise Problem(
                    "It is not known what Terraform made",
                    "targets/aws.env",
                    f"{key} is {value or 'not set'}",
                    "terraform apply, then make aws-env: docs/aws.md",
                    UNTOUCHED,
                )
        name, account_id, region, runs_uri, database, secret_arn = (values[key] for key in KEYS)
        return cls(name, account_id, region, runs_uri, database, secret_arn)

    @property
    def quality_role(self) -> str:
        """The role that Glue evaluates rulesets with."""
        return f"arn:aws:iam::{self.account_id}:role/{self.name}-data-quality"

    def client(self, service: str) -> Any:
        """boto3's client of a service, by its normal chain of credentials; one for all threads."""
        import boto3  # type: ignore[import-untyped]  # a second to load, and needed on AWS only

        with self._one_at_a_time, aws_problems("be asked", self.region):
            if service not in self._clients:
                self._clients[service] = boto3.session.Session(region_name=self.region).client(service)
            return self._clients[service]

    def check_account(self) -> None:
        """Raises Problem unless AWS knows who asks, and it is somebody of the account that the platform is in."""
        with aws_problems("say who asks", self.region):
            asking = self.client("sts").get_caller_identity()
        if asking["Account"] != self.account_id:
            raise Problem(
                "These are credentials of another account",
                self.name,
                f"{asking['Arn']}, where the platform is in {self.account_id}",
                "take credentials of that account (AWS_PROFILE), or write var/aws.env of yours: make aws-env",
                UNTOUCHED,
            )
