"""Glue: what moto lacks of connections and jobs, so that Terraform reads back, changes and removes what it made."""

import re
from typing import Any

from moto.core.utils import utcnow
from moto.glue.models import FakeConnection, glue_backends

from rehearsal.aws.answers import Answer
from rehearsal.glue.emulators import ACCOUNT, REGION


def answers() -> dict[str, Answer]:
    return {"AWSGlue.DeleteConnection": _delete_connection, "AWSGlue.UpdateJob": _update_job}


def extend() -> None:
    """From now on moto tells all of a connection that it was given, its type among it."""
    known = FakeConnection.as_dict

    def as_dict(connection: FakeConnection, hide_password: bool = False) -> dict[str, Any]:
        answer = known(connection, hide_password)
        return {**answer.pop("Connection"), **answer}

    FakeConnection.as_dict = as_dict


def tag(kind: str, name: str, tags: dict[str, str]) -> None:
    """Keeps the tags of a thing that moto has not, where its GetTags looks for them."""
    glue_backends[ACCOUNT][REGION].tag_resource(f"arn:aws:glue:{REGION}:{ACCOUNT}:{kind}/{name}", tags)


def _delete_connection(request: dict[str, Any]) -> dict[str, Any]:
    glue_backends[ACCOUNT][REGION].connections.pop(request["ConnectionName"], None)
    return {}


def _update_job(request: dict[str, Any]) -> dict[str, Any]:
    """A job's new definition takes the place of the old one: what it does not say goes back to its default."""
    job = glue_backends[ACCOUNT][REGION].jobs[request["JobName"]]
    definition = {"ExecutionClass": "STANDARD", "MaxRetries": 0, **request["JobUpdate"]}
    for name in job.as_dict().keys() - {"Name", "CreatedOn", "LastModifiedOn"}:
        setattr(job, re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(), definition.get(name))
    job.last_modified_on = utcnow()
    return {"JobName": request["JobName"]}
