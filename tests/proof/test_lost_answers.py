"""A catalog whose answer is lost: whoever asked cannot know what was committed. The same window again is as if nothing
had been.

A proxy stands before the catalog. At one commit it forwards the request and drops the answer, or cuts it in the middle,
or answers 503 before or after the catalog has committed. The scenario is that of the killed jobs.
"""

import http.client
import json
import socket
import urllib.parse
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pyspark.sql import SparkSession

from tests.integration.spark_jobs.conftest import Lake
from tests.integration.spark_jobs.test_refine_sessions import seeded_lake
from tests.proof.test_kill_points import clean, contents, deliver, first_snapshot, prepare

__all__ = ["clean", "first_snapshot", "seeded_lake"]  # fixtures

FAULTS = ("dropped", "cut", "503 before", "503 after")


@dataclass
class Proxy:
    """Forwards to the catalog. `commits`: tables and what was done, in order; `fault` is the answer to commit `at`."""

    catalog: str
    url: str = ""
    fault: str = ""
    at: int = -1
    commits: list[str] = field(default_factory=list)

    def watch(self, fault: str = "", at: int = -1) -> None:
        self.fault, self.at, self.commits = fault, at, []

    def fault_of(self, path: str, body: bytes) -> str:
        """The fault of this request, empty for most."""
        if "/tables/" not in path or path.endswith("/metrics"):
            return ""
        actions = [each["action"] for each in json.loads(body).get("updates", [])]
        self.commits.append(f"{path.rpartition('/')[2]}: {', '.join(actions)}")
        return self.fault if len(self.commits) - 1 == self.at else ""


@pytest.fixture(scope="module")
def proxy(catalog: str) -> Iterator[Proxy]:
    proxy = Proxy(catalog)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fault = proxy.fault_of(self.path, body) if self.command == "POST" else ""
            if fault == "503 before":
                self.answer(503, b"{}", "application/json")
                return
            server = http.client.HTTPConnection(urllib.parse.urlsplit(proxy.catalog).netloc, timeout=60)
            given = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
            server.request(self.command, self.path, body or None, given)
            answer = server.getresponse()
            text = answer.read()
            server.close()
            if fault == "503 after":
                self.answer(503, b"{}", "application/json")
            elif fault == "dropped":
                self.drop()
            elif fault == "cut":
                self.answer(answer.status, text, answer.getheader("Content-Type", ""), len(text) // 2)
                self.drop()
            else:
                self.answer(answer.status, text, answer.getheader("Content-Type", ""))

        do_GET = do_POST = do_DELETE = do_HEAD = forward  # noqa: N815  names of http.server

        def answer(self, status: int, text: bytes, kind: str, sent: int | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(text[:sent])

        def drop(self) -> None:
            self.close_connection = True
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the parameter's name there
            """Silence: pytest shows what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    proxy.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def lake_behind_proxy(spark: SparkSession, seeded_lake: Any, proxy: Proxy) -> Lake:
    """The same lake, which jobs reach by the proxy."""
    behind = spark.newSession()
    for name in ("type", "token"):
        behind.conf.set(f"spark.sql.catalog.lake.{name}", spark.conf.get(f"spark.sql.catalog.lake.{name}", ""))
    behind.conf.set("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog")
    behind.conf.set("spark.sql.catalog.lake.uri", proxy.url)
    behind.conf.set("spark.sql.catalog.lake.cache-enabled", "false")  # the other session changes the same tables
    lake = Lake(behind, Path("unused"))
    lake.landing_uri = seeded_lake.landing_uri
    return lake


@pytest.mark.parametrize("fault", FAULTS)
def test_delivery_whose_commits_lost_an_answer_ends_as_a_clean_one_when_it_is_run_again(
    clean: dict[str, list[tuple[Any, ...]]],
    first_snapshot: int,
    seeded_lake: Any,
    lake_behind_proxy: Lake,
    proxy: Proxy,
    fault: str,
) -> None:
    """Each commit of a delivery in turn: none of them may leave rows twice, or a branch, or a table that is lost."""
    prepare(seeded_lake, first_snapshot)
    proxy.watch()
    deliver(lake_behind_proxy)
    commits = [*proxy.commits]
    assert len(commits) > 8
    for at, commit in enumerate(commits):
        prepare(seeded_lake, first_snapshot)
        proxy.watch(fault, at)
        with suppress(AssertionError):  # a problem stopped the job, as it may: it cannot know
            deliver(lake_behind_proxy)
        assert len(proxy.commits) > at, commit
        proxy.watch()
        deliver(seeded_lake)
        assert contents(seeded_lake) == clean, f"{at} {commit}"
        assert seeded_lake.branches("sessions") == [], f"{at} {commit}"
