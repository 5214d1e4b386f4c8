"""What the unit tests of the Spark jobs share: one small session, and a loopback server that answers as told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from pyspark.sql import SparkSession

from tests.spark_session import quiet, session


def pytest_configure(config: pytest.Config) -> None:
    quiet(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What wants the session waits for a JVM."""
    for item in items:
        if "spark" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> SparkSession:
    return session(tmp_path_factory.mktemp("spark"))


@pytest.fixture
def uri(tmp_path: Path) -> str:
    """Address of an empty landing."""
    return f"file://{tmp_path}/landing"


@dataclass
class Answer:
    """One answer of the server. `is_cut`: the body ends half way. `before_body` is called after the headers."""

    body: str | bytes = "[]"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    is_cut: bool = False
    before_body: Callable[[], object] = lambda: None


@dataclass
class Server:
    """Gives its answers one after the other, the last one for ever, or what `answer` says of a path; keeps the paths
    it was asked for."""

    url: str
    answers: list[Answer]
    requests: list[str]
    answer: Callable[[str], Answer] | None = None


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server("", [], [])
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    server.url = f"http://127.0.0.1:{httpd.server_port}"
    thread = Thread(target=httpd.serve_forever, args=(0.02,))
    thread.start()
    yield server
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            in_turn = server.answers[min(len(server.requests), len(server.answers) - 1) :]
            answer = server.answer(self.path) if server.answer else in_turn[0]
            server.requests.append(self.path)
            body = answer.body.encode() if isinstance(answer.body, str) else answer.body
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            answer.before_body()
            self.wfile.write(body[: len(body) // 2] if answer.is_cut else body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the parameter's name there
            """Silence: pytest shows what matters."""

    return Handler


@pytest.fixture
def answer() -> type[Answer]:
    return Answer
