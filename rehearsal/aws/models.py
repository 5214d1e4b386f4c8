"""Models: each request and each answer of AWS's JSON protocols, held to botocore's description of the service.

A request that AWS would refuse is refused. An answer that no SDK expects is written to deviations.txt below the
rehearsal's folder, which the rehearsal wants empty but for what is known of moto.
"""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import botocore.session
from botocore.model import OperationModel, Shape
from botocore.validate import ParamValidator

from rehearsal.aws.answers import Application, error_answer

SERVICES = {
    "AWSBudgetServiceGateway": "budgets",
    "AWSEvents": "events",
    "AWSGlue": "glue",
    "GraniteServiceVersion20100801": "cloudwatch",
    "Logs_20140328": "logs",
    "RedshiftData": "redshift-data",
    "RedshiftServerless": "redshift-serverless",
    "TrentService": "kms",
    "secretsmanager": "secretsmanager",
}
KINDS: dict[str, tuple[type, ...]] = {
    "boolean": (bool,), "double": (float, int), "float": (float, int), "integer": (int,), "long": (int,),
    "string": (str,), "blob": (str,), "timestamp": (float, int),
}  # fmt: skip
# What moto says beside AWS's words, and no client looks at.
KNOWN = {"answer DescribeSecret.SecretVersionsToStages is not known"}


class Checked:
    """A WSGI application around another one, whose calls it checks."""

    def __init__(self, beyond: Application, folder: Path) -> None:
        self._beyond, self._file = beyond, folder / "deviations.txt"
        self._seen: set[str] = set()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        operation = operation_of(environ.get("HTTP_X_AMZ_TARGET", ""))
        if operation is None:
            return self._beyond(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        if refused := refusal(operation, json.loads(body or b"{}")):
            self._write_down(f"request {operation.name}: {refused}")
            return error_answer(start_response, "ValidationException", refused)
        answered: list[str] = []

        def noting(status: str, headers: Any, *more: Any) -> Any:
            answered.append(status)
            return start_response(status, headers, *more)

        content = b"".join(self._beyond(environ, noting))
        if answered[-1].startswith("200") and operation.output_shape is not None:
            for each in deviations(operation.output_shape, json.loads(content or b"{}")):
                self._write_down(f"answer {operation.name}{each}")
        return [content]

    def _write_down(self, line: str) -> None:
        if line not in self._seen | KNOWN:
            self._seen.add(line)
            with self._file.open("a") as file:
                file.write(line + "\n")


@cache
def operation_of(target: str) -> OperationModel | None:
    """The operation that X-Amz-Target names; None for a service that is not asked in JSON."""
    prefix, _, name = target.rpartition(".")
    service = SERVICES.get(prefix.rpartition(".")[2] if prefix not in SERVICES else prefix)
    return botocore.session.get_session().get_service_model(service).operation_model(name) if service else None


def refusal(operation: OperationModel, request: dict[str, Any]) -> str:
    """Why AWS would not take the request; empty if it would."""
    if operation.input_shape is None:
        return ""
    report = ParamValidator().validate(request, operation.input_shape)
    return str(report.generate_report()) if report.has_errors() else ""


def deviations(shape: Shape, value: Any, place: str = "") -> Iterator[str]:
    """Where a value of an answer is not what the shape describes; null is what is not there."""
    if shape.type_name == "structure" and isinstance(value, dict):
        yield from _of_structure(shape, value, place)
    elif shape.type_name == "list" and isinstance(value, list):
        yield from (found for each in value for found in deviations(shape.member, each, f"{place}[]"))
    elif shape.type_name == "map" and isinstance(value, dict):
        yield from (found for each in value.values() for found in deviations(shape.value, each, f"{place}{{}}"))
    elif not isinstance(value, _kinds(shape)):
        yield f"{place} is {type(value).__name__}, not {shape.type_name}"
    elif getattr(shape, "enum", None) and value not in shape.enum:
        yield f"{place} is {value!r}, none of {', '.join(shape.enum)}"


def _kinds(shape: Shape) -> tuple[type, ...]:
    """What JSON has for a plain shape; nothing for a structure, a list or a map, which is one or is wrong."""
    if shape.serialization.get("timestampFormat") == "iso8601":
        return (str,)
    return KINDS.get(shape.type_name, ())


def _of_structure(shape: Shape, value: dict[str, Any], place: str) -> Iterator[str]:
    members = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
    present = {name: each for name, each in value.items() if each is not None}
    yield from (f"{place}.{name} is not known" for name in sorted(present.keys() - members.keys()))
    required = {name for name, (member, _) in members.items() if member in shape.required_members}
    yield from (f"{place}.{name} is missing" for name in sorted(required - present.keys()))
    for name in sorted(present.keys() & members.keys()):
        yield from deviations(members[name][1], present[name], f"{place}.{name}")


def missing(shape: Shape, value: Any, place: str = "") -> Iterator[str]:
    """Members that AWS could answer with and the value lacks, down to the first that is missing."""
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, member in shape.members.items():
            if value.get(name) is None:
                yield f"{place}.{name}"
            else:
                yield from missing(member, value[name], f"{place}.{name}")
