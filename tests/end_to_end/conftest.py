"""Whole pipelines in checkouts of their own: services, Spark, gold, publish, at a small scale."""

import json
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from deftunes import target
from deftunes.run.pipeline import Pipeline, RunRequest, pipeline
from deftunes.run.runner import Progress
from deftunes.services import lifecycle
from spark_jobs.window import Window
from tests.checkout import PROJECT, checkout

SEED, SCALE = 7, 0.05


@dataclass(frozen=True)
class Api:
    """A mock API of the test's own, whose faults can be switched."""

    url: str

    def faults(self, *faults: dict[str, Any]) -> None:
        """From now on the answers have these faults and no others."""
        body = json.dumps(list(faults)).encode()
        request = urllib.request.Request(f"{self.url}/faults", data=body, method="PUT")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200


@pytest.fixture(scope="session")
def served() -> Iterator[Api]:
    """A mock API with faults allowed, for all tests of the session."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    python = str(PROJECT / ".venv/lake/bin/python")
    arguments = ["--host", "127.0.0.1", "--port", str(port), "--seed", str(SEED), "--scale", str(SCALE)]
    process = subprocess.Popen([python, "-m", "mock_api", *arguments, "--allow-faults"], cwd=PROJECT)
    try:
        yield _ready(Api(f"http://127.0.0.1:{port}"))
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def api(served: Api) -> Iterator[Api]:
    """The mock API without faults; those a test switches on go with it."""
    served.faults()
    yield served
    served.faults()


Run = Callable[[str, str], list[Progress]]


@dataclass(frozen=True)
class Lake:
    """A checkout with a pipeline that runs windows in one warm session."""

    root: Path
    line: Pipeline

    def run(self, first: str, last: str) -> list[Progress]:
        window = Window(date.fromisoformat(first), date.fromisoformat(last))
        return self.line.run_window(window, lambda told: None)


@pytest.fixture
def lakes(tmp_path: Path, served: Api) -> Iterator[Callable[..., Lake]]:
    """Makes checkouts with a pipeline each; all of them are stopped in the end."""
    with ExitStack() as stack:

        def make(name: str, api_url: str = served.url) -> Lake:
            root = checkout(tmp_path / name).root
            stack.callback(lifecycle.down, root)
            wanted = target.load("embedded", root, {"API_URL": api_url})
            line = stack.enter_context(pipeline(wanted, RunRequest((), SEED, SCALE, None), lambda said: None))
            return Lake(root, line)

        yield make


@dataclass
class Source:
    """A source API of the contract over records that a test may change; `mock` is where they were taken from."""

    url: str
    mock: Api
    users: list[dict[str, Any]] = field(default_factory=list)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def take(self, first: str, last: str) -> None:
        """The mock's sessions of these days, and all users up to the last of them."""
        self.users = self._of_mock(f"/users?end_date={last}")
        self.sessions = self._of_mock(f"/sessions?start_date={first}&end_date={last}")

    def answer(self, path: str) -> list[dict[str, Any]]:
        self.asked.append(path)
        question = urllib.parse.urlsplit(path)
        asked = dict(urllib.parse.parse_qsl(question.query))
        rows = {"/users": self.users, "/sessions": self.sessions}[question.path]
        day = {"/users": "user_since", "/sessions": "session_start_time"}[question.path]
        return [row for row in rows if asked.get("start_date", "") <= row[day][:10] <= asked["end_date"]]

    def _of_mock(self, path: str) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.mock.url}{path}", timeout=60) as answer:
            return list(json.load(answer))


@pytest.fixture
def source(api: Api) -> Iterator[Source]:
    """A source of the test's own on a free port."""
    source = Source("", api)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = source.answer(self.path)
            body = json.dumps(found).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Total-Count", str(len(found)))  # proves the answer whole: nothing more is asked
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the parameter's name there
            """Silence: pytest shows what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    source.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield source
    server.shutdown()
    server.server_close()
    thread.join()


def _ready(api: Api) -> Api:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"{api.url}/health", timeout=2):
                return api
        except OSError:
            assert time.monotonic() < deadline, f"{api.url} is not healthy"
            time.sleep(0.1)
