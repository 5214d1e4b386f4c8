"""Objects in S3, where credentials come from an address as in a Glue job: they end, and are asked for again."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from spark_jobs.lake import objects
from spark_jobs.problem import Problem


class Cloud:
    """Gives credentials to boto3 (to Arrow's own client none, as in a Glue job), and holds one object in S3."""

    def __init__(self) -> None:
        self.given, self.lives_s, self.users, self.hosts = 0, 3600.0, list[str](), list[str]()
        cloud = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/credentials":
                    self.answer(403 if "aws-sdk-cpp" in self.headers["User-Agent"] else 200, cloud.credentials())
                    return
                signed = re.search(r"Credential=(\w+)/\d+/([\w-]+)/s3/", self.headers.get("Authorization", ""))
                cloud.users.append(f"{signed[1]} {signed[2]}" if signed else "nobody")
                self.answer(200 if signed else 403, b"Rules = []")

            def do_HEAD(self) -> None:
                self.do_GET()

            def answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Last-Modified", "Wed, 01 Jan 2020 00:00:00 GMT")
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body)

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def credentials(self) -> bytes:
        self.given += 1
        ends = datetime.now(UTC) + timedelta(seconds=self.lives_s)
        named = {"AccessKeyId": f"KEY{self.given}", "SecretAccessKey": "secret", "Token": "token"}
        return json.dumps({**named, "Expiration": ends.strftime("%Y-%m-%dT%H:%M:%SZ")}).encode()


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    found = Cloud()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", found.url)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{found.url}/credentials")
    Thread(target=found.server.serve_forever, daemon=True).start()
    objects._client_of_s3.cache_clear()
    yield found
    objects._client_of_s3.cache_clear()
    found.server.shutdown()
    found.server.server_close()


def test_objects_are_read_as_whom_boto3_finds_in_the_region_of_the_job(cloud: Cloud) -> None:
    assert objects.read_text("s3://code/quality/users.dqdl") == "Rules = []"
    assert set(cloud.users) == {"KEY1 eu-west-1"}


def test_credentials_are_renewed_before_they_expire(cloud: Cloud) -> None:
    cloud.lives_s = 30
    objects.read_text("s3://code/quality/users.dqdl")
    cloud.lives_s = 3600
    objects.read_text("s3://code/quality/users.dqdl")
    before = cloud.users[-1]
    objects.read_text("s3://code/quality/users.dqdl")
    assert cloud.users[0] != before == cloud.users[-1]


def test_a_job_without_credentials_names_where_they_were_looked_for(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    with pytest.raises(Problem, match="no credentials for S3"):
        objects.read_text("s3://code/quality/users.dqdl")
