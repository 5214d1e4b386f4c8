"""One environment for all of these tests: the platform on emulators, driven by DAGs, the command and the cases."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rehearsal import cases, run
from rehearsal.environment import Environment, environment
from rehearsal.findings import refusals
from rehearsal.glue.roles import client
from rehearsal.parity.compare import Comparison
from rehearsal.parity.report import Case

PROJECT = Path(__file__).parents[3]
DATASET = run.Dataset("2020-01-01", "2020-01-02", 7, 0.05)
JOBS = ("deftunes-land-api", "deftunes-land-postgres", "deftunes-refine", "deftunes-build")
BAD = "bad"  # the run id of jobs that are to fail


@dataclass(frozen=True)
class Rehearsal:
    """The environment after the run. `compared` and `runs` are of before the cases: all tables, and Glue's runs.

    `refused`: the calls that roles were refused until after the cases: later tests refuse some on purpose.
    """

    environment: Environment
    messages: list[str]
    compared: list[Comparison]
    runs: list[dict[str, Any]]
    cases: list[Case]
    refused: list[str]


@pytest.fixture(scope="session")
def rehearsal() -> Iterator[Rehearsal]:
    """Takes many minutes; everything it starts ends with the tests."""
    messages: list[str] = []
    with environment(PROJECT, DATASET.seed, DATASET.scale, messages.append) as opened:
        run.on_aws(opened, DATASET, messages.append)
        run.embedded(opened, DATASET)
        compared, glue = run.parity(opened), client("glue", opened.emulators.aws_url)
        runs = [each for job in JOBS for each in glue.get_job_runs(JobName=job)["JobRuns"]]
        done = list(cases.run_cases(opened, DATASET, messages.append))
        yield Rehearsal(opened, messages, compared, runs, done, refusals(opened.emulators.folder))
