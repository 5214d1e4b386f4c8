"""Glue: what moto lacks of connections and tags, so that Terraform can read, change and remove what it made."""

from typing import Any

from moto.glue.models import glue_backends

from rehearsal.aws.answers import Answer

ACCOUNT, REGION = "123456789012", "eu-west-1"


def answers() -> dict[str, Answer]:
    return {"AWSGlue.DeleteConnection": _delete_connection, "AWSGlue.UpdateJob": _update_job}


def _delete_connection(request: dict[str, Any]) -> dict[str, Any]:
    glue_backends[ACCOUNT][REGION].connections.pop(request["ConnectionName"], None)
    return {}


def _update_job(request: dict[str, Any]) -> dict[str, Any]:
    """A job's new definition takes the place of the old one, its runs stay."""
    job = glue_backends[ACCOUNT][REGION].jobs[request["JobName"]]
    job.default_arguments = request["JobUpdate"].get("DefaultArguments", {})
    job.command = request["JobUpdate"]["Command"]
    job.timeout = request["JobUpdate"].get("Timeout")
    return {"JobName": request["JobName"]}
