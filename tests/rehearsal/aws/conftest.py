"""One stage for all of these tests: the platform on emulators, a day by the DAGs, one by the command, both embedded."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rehearsal import run
from rehearsal.environment import Environment, environment

PROJECT = Path(__file__).parents[3]
DATASET = run.Dataset("2020-01-01", "2020-01-02", 7, 0.05)
BAD = "bad"  # the run id of jobs that are to fail


@dataclass(frozen=True)
class Played:
    """The stage after the play, and what was said meanwhile."""

    environment: Environment
    said: list[str]


@pytest.fixture(scope="session")
def played() -> Iterator[Played]:
    """Takes minutes; everything it starts ends with the tests."""
    said: list[str] = []
    with environment(PROJECT, DATASET.seed, DATASET.scale, said.append) as opened:
        run.on_aws(opened, DATASET, said.append)
        run.embedded(opened, DATASET)
        yield Played(opened, said)
