"""Whole pipelines in checkouts of their own: services, Spark, gold, publish, at a small scale."""

import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deftunes import services, target
from deftunes.pipeline import Asked, Pipeline, pipeline
from deftunes.runner import Progress
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
def lakes(tmp_path: Path, served: Api) -> Iterator[Callable[[str], Lake]]:
    """Makes checkouts with a pipeline each; all of them are stopped in the end."""
    with ExitStack() as stack:

        def make(name: str) -> Lake:
            root = checkout(tmp_path / name).root
            stack.callback(services.down, root)
            wanted = target.load("embedded", root, {"API_URL": served.url})
            line = stack.enter_context(pipeline(wanted, Asked((), SEED, SCALE, None), lambda said: None))
            return Lake(root, line)

        yield make


def _ready(api: Api) -> Api:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"{api.url}/health", timeout=2):
                return api
        except OSError:
            assert time.monotonic() < deadline, f"{api.url} is not healthy"
            time.sleep(0.1)
