"""Glue: what moto lacks of connections and tags, so that Terraform can read, change and remove what it made."""

from typing import Any

from moto.glue.models import glue_backends

from rehearsal.aws.answers import Answer

ACCOUNT, REGION = "123456789012", "eu-west-1"


def answers() -> dict[str, Answer]:
    return {"AWSGlue.DeleteConnection": _delete_connection, "AWSGlue.UpdateJob": _update_job}


def _delete_connection(asked: dict[str, Any]) -> dict[str, Any]:
    glue_backends[ACCOUNT][REGION].connections.pop(asked["ConnectionName"], None)
    return {}


def _update_job(asked: dict[str, Any]) -> dict[str, Any]:
    """A job's new definition takes the place of the old one, its runs stay."""
    job = glue_backends[ACCOUNT][REGION].jobs[asked["JobName"]]
    job.default_arguments = asked["JobUpdate"].get("DefaultArguments", {})
    job.command = asked["JobUpdate"]["Command"]
    job.timeout = asked["JobUpdate"].get("Timeout")
    return {"JobName": asked["JobName"]}
