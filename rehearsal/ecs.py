"""A task of ECS as a process: with the environment that its task definition gives, and nothing else of this machine.

ECS reads the secrets that the definition names and hands them over as variables; credentials of the task's role come
from an address that another variable names. Beside that, a process here has what its image sets, and other addresses
where those of AWS do not answer.
"""

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from rehearsal.glue.roles import client


def environment(aws_url: str, family: str) -> dict[str, str]:
    """Variables of the newest task definition of the family; its secrets are read as ECS reads them."""
    described = client("ecs", aws_url).describe_task_definition(taskDefinition=family)["taskDefinition"]
    [container] = described["containerDefinitions"]
    given = {each["name"]: each["value"] for each in container["environment"]}
    return given | {each["name"]: secret(aws_url, each["valueFrom"]) for each in container["secrets"]}


def secret(aws_url: str, reference: str) -> str:
    """What `<ARN of a secret>:<key>::` refers to."""
    arn, key = reference.removesuffix("::").rsplit(":", 1)
    return str(json.loads(client("secretsmanager", aws_url).get_secret_value(SecretId=arn)["SecretString"])[key])


def image_environment() -> dict[str, str]:
    """What the image sets (services/superset/Dockerfile), and the path of programs."""
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}


@contextmanager
def credentials_of_the_role(asked: list[str]) -> Iterator[dict[str, str]]:
    """The variable that names where a task's credentials are; each question for them is noted in `asked`."""
    answer = {"AccessKeyId": "testing", "SecretAccessKey": "testing", "Token": "testing"}
    text = json.dumps({**answer, "Expiration": "2100-01-01T00:00:00Z"}).encode()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{server.server_port}/credentials"}
    finally:
        server.shutdown()
        server.server_close()


def replace_texts(variables: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, str]:
    """The variables with each of these texts, which must occur, replaced: addresses that answer on AWS only."""
    for text in texts:
        assert any(text in value for value in variables.values()), text
    found = dict(variables)
    for text, other in texts.items():
        found = {name: value.replace(text, other) for name, value in found.items()}
    return found
