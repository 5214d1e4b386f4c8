"""Whole pipelines in checkouts of their own: services, Spark, gold, publish, at a small scale."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from deftunes import target
from deftunes.run.pipeline import Pipeline, RunRequest, pipeline
from deftunes.run.runner import Progress
from deftunes.services import lifecycle
from spark_jobs.window import Window
from tests.checkout import checkout
from tests.source import MockApi as Api
from tests.source import Source, serve, serve_mock_api

SEED, SCALE = 7, 0.05


@pytest.fixture(scope="session")
def served() -> Iterator[Api]:
    """A mock API with faults allowed, for all tests of the session."""
    with serve_mock_api(SEED, SCALE) as mock:
        yield mock


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
        return self.line.run_window(window, lambda progress: None)


@pytest.fixture
def lakes(tmp_path: Path, served: Api) -> Iterator[Callable[..., Lake]]:
    """Makes checkouts with a pipeline each; all of them are stopped in the end."""
    with ExitStack() as stack:

        def make(name: str, api_url: str = served.url) -> Lake:
            root = checkout(tmp_path / name).root
            stack.callback(lifecycle.down, root)
            wanted = target.load("embedded", root, {"API_URL": api_url})
            line = stack.enter_context(pipeline(wanted, RunRequest((), SEED, SCALE, None), lambda message: None))
            return Lake(root, line)

        yield make


@pytest.fixture
def source(api: Api) -> Iterator[Source]:
    """A source of the test's own on a free port."""
    with serve(Source(api)) as source:
        yield source
