"""Sources for tests: the mock API as a process of its own, and an API over records that a test may change."""

import json
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.checkout import PROJECT


@dataclass(frozen=True)
class MockApi:
    """A mock API of the test's own, whose faults can be switched."""

    url: str

    def faults(self, *faults: dict[str, Any]) -> None:
        """From now on the answers have these faults and no others."""
        body = json.dumps(list(faults)).encode()
        request = urllib.request.Request(f"{self.url}/faults", data=body, method="PUT")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200


@dataclass
class Source:
    """A source API of the contract over records that a test may change; `mock` is where they are taken from."""

    mock: MockApi | None = None
    url: str = ""
    users: list[dict[str, Any]] = field(default_factory=list)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def take(self, first: str, last: str) -> None:
        """Takes the mock's sessions of these days, and all its users up to the last of them."""
        assert self.mock is not None
        self.users = _answer(f"{self.mock.url}/users?end_date={last}")
        self.sessions = _answer(f"{self.mock.url}/sessions?start_date={first}&end_date={last}")

    def answer(self, path: str) -> list[dict[str, Any]]:
        """Returns the records of the days that the address asks for."""
        self.requests.append(path)
        question = urllib.parse.urlsplit(path)
        query = dict(urllib.parse.parse_qsl(question.query))
        rows = {"/users": self.users, "/sessions": self.sessions}[question.path]
        day = {"/users": "user_since", "/sessions": "session_start_time"}[question.path]
        return [row for row in rows if query.get("start_date", "") <= row[day][:10] <= query["end_date"]]


@contextmanager
def serve_mock_api(seed: int, scale: float) -> Iterator[MockApi]:
    """Runs the mock API with faults allowed, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    python = str(PROJECT / ".venv/lake/bin/python")
    arguments = ["--host", "127.0.0.1", "--port", str(port), "--seed", str(seed), "--scale", str(scale)]
    process = subprocess.Popen([python, "-m", "mock_api", *arguments, "--allow-faults"], cwd=PROJECT)
    try:
        yield _when_healthy(MockApi(f"http://127.0.0.1:{port}"))
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def serve(source: Source) -> Iterator[Source]:
    """Serves the source's records on a free port."""

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
    try:
        yield source
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(url: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return list(json.load(answer))


def _when_healthy(api: MockApi) -> MockApi:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"{api.url}/health", timeout=2):
                return api
        except OSError:
            assert time.monotonic() < deadline, f"{api.url} is not healthy"
            time.sleep(0.1)
