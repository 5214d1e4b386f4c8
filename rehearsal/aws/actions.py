"""Actions: what a request to S3, or to a service of AWS's JSON protocol, asks of IAM.

The pages are "Actions, resources, and condition keys" of the services' authorization references: a table's call needs
its catalog and its database too, an object under a key needs that key.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from rehearsal.glue.emulators import ACCOUNT, REGION

GLUE = f"arn:aws:glue:{REGION}:{ACCOUNT}"
PREFIXES = {"AWSGlue": "glue", "secretsmanager": "secretsmanager", "TrentService": "kms", "Logs_20140328": "logs"}


@dataclass(frozen=True)
class Need:
    """One permission that a request needs."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def of_json(target: str, body: bytes) -> Iterator[Need]:
    """Of a call that X-Amz-Target names, such as AWSGlue.GetTable. Raises LookupError for a service not known here."""
    service, operation = target.split(".", 1)
    parameters: dict[str, Any] = json.loads(body or b"{}")
    if service not in PREFIXES:
        raise LookupError(f"rehearsal/aws/actions.py does not know the service of {target}")
    action = f"{PREFIXES[service]}:{operation}"
    resources = list(_glue(operation, parameters)) if service == "AWSGlue" else [_arn_parameter(parameters)]
    yield from (Need(action, resource) for resource in resources)


def _glue(operation: str, parameters: Mapping[str, Any]) -> Iterator[str]:
    """The catalog, and what of it is asked for."""
    yield f"{GLUE}:catalog"
    if "Table" in operation:
        database = parameters["DatabaseName"]
        table = (
            parameters.get("Name") or parameters.get("TableInput", {}).get("Name") or parameters.get("Expression", "*")
        )
        yield f"{GLUE}:database/{database}"
        yield f"{GLUE}:table/{database}/{table}"
    elif operation.endswith("Database"):
        yield f"{GLUE}:database/{parameters.get('Name') or parameters['DatabaseInput']['Name']}"


def _arn_parameter(parameters: Mapping[str, Any]) -> str:
    """The ARN that a request names, whatever it calls it."""
    return next((str(parameters[name]) for name in ("SecretId", "KeyId", "logGroupName") if name in parameters), "*")


def of_s3(method: str, host: str, target: str, headers: Mapping[str, str], body: bytes) -> Iterator[Need]:
    """Of a request to S3, whose bucket is in the host's name or in the path."""
    parts = urlsplit(target)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    path = unquote(parts.path).lstrip("/")
    bucket, _, key = (host.split(".s3.")[0], "", path) if ".s3." in host else path.partition("/")
    if not key:
        yield from _of_bucket(method, bucket, query, body)
        return
    yield Need(_of_object(method, query), f"arn:aws:s3:::{bucket}/{key}")
    if source := headers.get("x-amz-copy-source"):
        yield Need("s3:GetObject", f"arn:aws:s3:::{unquote(source).lstrip('/').split('?')[0]}")


def _of_bucket(method: str, bucket: str, query: Mapping[str, str], body: bytes) -> Iterator[Need]:
    arn = f"arn:aws:s3:::{bucket}"
    if method == "POST" and "delete" in query:
        for key in re.findall(r"<Key>(.*?)</Key>", body.decode()):
            yield Need("s3:DeleteObject", f"{arn}/{key}")
    elif "location" in query:
        yield Need("s3:GetBucketLocation", arn)
    elif method in ("GET", "HEAD"):
        yield Need("s3:ListBucket", arn, {"s3:prefix": query["prefix"]} if "prefix" in query else {})
    else:
        yield Need("s3:CreateBucket" if method == "PUT" else "s3:DeleteBucket", arn)


def _of_object(method: str, query: Mapping[str, str]) -> str:
    if method == "DELETE":
        return "s3:AbortMultipartUpload" if "uploadId" in query else "s3:DeleteObject"
    return "s3:GetObject" if method in ("GET", "HEAD") else "s3:PutObject"
