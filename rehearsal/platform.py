"""The platform: terraform/ applied to the emulators, unchanged, from a copy that gets one file more.

That file says where the emulators answer and keeps the state on this machine; the variables are what a person
would write into terraform.tfvars.
"""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.glue.emulators import ACCOUNT, REGION, Emulators

# The services that terraform/ asks something of.
SERVICES = (
    "budgets", "cloudwatch", "ec2", "events", "glue", "iam", "kms", "logs", "redshiftdata", "redshiftserverless", "s3",
    "s3control", "scheduler", "secretsmanager", "sfn", "sns", "sts",
)  # fmt: skip

OVERRIDE = """
terraform {{
  backend "local" {{
    path = "{state}"
  }}
}}

provider "aws" {{
  access_key                  = "testing"
  secret_key                  = "testing"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true

  endpoints {{
{endpoints}
  }}
}}
"""


class ApplyError(Exception):
    """Terraform refused or AWS did; the message holds what was said, which names the resource."""


@dataclass(frozen=True)
class Source:
    """Where the jobs find what they land: the API, and a song database whose password is in a secret."""

    api_url: str
    dsn: str
    secret_arn: str
    key_arn: str


class Platform:
    """The copy of terraform/ below `checkout`, and what was made of it."""

    def __init__(self, checkout: Path, emulators: Emulators) -> None:
        self._folder, self._emulators = checkout / "terraform", emulators
        self._state = emulators.folder / "terraform.tfstate"

    def prepare(self) -> None:
        """Writes the override and loads the provider."""
        endpoints = "\n".join(f'    {name} = "{self._emulators.aws_url}"' for name in SERVICES)
        text = OVERRIDE.format(state=self._state, endpoints=endpoints)
        (self._folder / "rehearsal_override.tf").write_text(text)
        self._terraform("init", "-input=false", "-no-color")

    def apply(self, source: Source, **more: Any) -> dict[str, str]:
        """One `terraform apply`, no `-target`; the outputs. Raises ApplyError."""
        self._terraform("apply", "-auto-approve", "-input=false", "-no-color", *variables(source, more))
        return self.outputs()

    def apart(self, name: str) -> "Platform":
        """The same copy with a state of its own: for what must not touch what was made."""
        other = Platform(self._folder.parent, self._emulators)
        other._state = self._emulators.folder / f"{name}.tfstate"
        return other

    def apply_only(self, address: str, source: Source, **more: Any) -> None:
        """One resource and what it needs, for a test of how it fails. Raises ApplyError."""
        options = ("-auto-approve", "-input=false", "-no-color", f"-target={address}", f"-state={self._state}")
        self._terraform("apply", *options, *variables(source, more))

    def changes(self, source: Source, **more: Any) -> list[str]:
        """What another apply would change, one line a resource: its address, the action and the attributes.

        Empty when AWS holds what terraform/ says. Raises ApplyError.
        """
        plan = self._emulators.folder / "plan"
        options = ("-input=false", "-no-color", f"-state={self._state}", f"-out={plan}")
        self._terraform("plan", *options, *variables(source, more))
        planned = json.loads(self._terraform("show", "-json", str(plan)))
        return [described for each in planned["resource_changes"] if (described := describe_change(each))]

    def outputs(self) -> dict[str, str]:
        output = json.loads(self._terraform("output", "-json"))
        return {name: each["value"] for name, each in output.items()}

    def resources(self) -> list[str]:
        """Addresses of what was made."""
        return self._terraform("state", "list").split()

    def _terraform(self, verb: str, *arguments: str) -> str:
        done = subprocess.run(
            ["terraform", f"-chdir={self._folder}", verb, *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "TF_IN_AUTOMATION": "1"},
        )
        (self._emulators.folder / f"terraform-{verb}.log").write_text(done.stdout + done.stderr)
        if done.returncode != 0:
            raise ApplyError(errors(done.stderr) or done.stdout[-2000:])
        return done.stdout


def describe_change(resource: Mapping[str, Any]) -> str:
    """One resource of a plan that is not left as it is, with the attributes that differ; empty for the others."""
    change = resource["change"]
    if change["actions"] in (["no-op"], ["read"]):
        return ""
    before, after = change["before"] or {}, change["after"] or {}
    differing = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return f"{resource['address']}: {' and '.join(change['actions'])} {', '.join(differing)}"


def variables(source: Source, more: Mapping[str, Any]) -> list[str]:
    """The variables of the root, as options of the command line."""
    database = {"dsn": source.dsn, "secret_arn": source.secret_arn, "key_arn": source.key_arn, "cidr": "127.0.0.1/32"}
    given = {
        "account_id": ACCOUNT,
        "region": REGION,
        "alert_email": "rehearsal@example.com",
        "api_url": source.api_url,
        "source_database": database,
        "on_destroy": "delete",
        **more,
    }
    written = {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
    return [part for name, value in written.items() for part in ("-var", f"{name}={value}")]


def errors(output: str) -> str:
    """The errors of a run of Terraform, without its frame."""
    text = re.sub(r"[│╷╵]", " ", output)
    return re.sub(r"\n\s*\n+", "\n", text).strip()
