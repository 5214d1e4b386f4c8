"""Who starts the work is the target's choice: the command line beside the stack, Glue's jobs on AWS."""

from typing import Any

import pytest
from airflow.exceptions import AirflowException
from include.command_line import CommandLine
from include.glue import Glue
from include.launcher import launcher

from deftunes.run.steps import Step
from spark_jobs.problem import Problem

ON_AWS = {
    "DEFTUNES_TARGET": "aws",
    "PLATFORM_NAME": "shop",
    "ACCOUNT_ID": "123456789012",
    "S3_REGION": "eu-west-1",
    "RUNS_URI": "s3://lake/runs",
    "REDSHIFT_DATABASE": "deftunes",
    "REDSHIFT_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:warehouse",
}
DAYS = "2020-01-01", "2020-01-02"


class Jobs:
    """Stands for the launcher's jobs: keeps what was started, and fails the verb named in `failing`."""

    def __init__(self, failing: str = "") -> None:
        self.failing, self.started, self.is_stopped = failing, list[tuple[str, Any, str]](), False

    def run(self, step: Step, first: str, last: str, run_id: str) -> dict[str, int]:
        self.started.append((step.name, (first, last), run_id))
        if step.verb == self.failing:
            raise Problem("A rule failed", step.name, "3", "look at the rows")
        return {"rows": 1}

    def stop(self) -> None:
        self.is_stopped = True


class Rulesets:
    """Stands for the launcher's rulesets."""

    def __init__(self) -> None:
        self.evaluated: list[str] = []

    def run(self, table: str) -> list[dict[str, str]]:
        self.evaluated.append(table)
        return []


def test_target_chooses_the_launcher() -> None:
    assert isinstance(launcher({}), CommandLine)
    assert isinstance(launcher({"DEFTUNES_TARGET": "compose"}), CommandLine)
    assert isinstance(launcher(ON_AWS), Glue)


@pytest.mark.parametrize("key", ["PLATFORM_NAME", "RUNS_URI"])
def test_setting_that_is_missing_is_named(key: str) -> None:
    with pytest.raises(AirflowException, match=f"{key} is not set"):
        launcher({name: value for name, value in ON_AWS.items() if name != key})


@pytest.mark.parametrize(
    ("table", "steps"),
    [
        ("songs", ["land songs", "refine songs"]),
        ("sessions", ["land sessions", "refine sessions"]),
        ("gold", ["build gold"]),
    ],
)
def test_table_is_worked_on_by_its_jobs_in_order(table: str, steps: list[str]) -> None:
    jobs = Jobs()
    Glue(jobs, Rulesets()).run(table, *DAYS, maintain=False)
    assert [name for name, _, _ in jobs.started] == steps
    assert {days for _, days, _ in jobs.started} == {DAYS}
    assert len({run_id for _, _, run_id in jobs.started}) == 1


def test_job_that_fails_fails_the_task_with_its_way_out() -> None:
    jobs = Jobs(failing="land")
    with pytest.raises(AirflowException, match=r"A rule failed.*look at the rows"):
        Glue(jobs, Rulesets()).run("users", *DAYS, maintain=False)
    assert [name for name, _, _ in jobs.started] == ["land users"]


def test_maintenance_evaluates_the_whole_table_by_its_ruleset() -> None:
    jobs, rulesets = Jobs(), Rulesets()
    Glue(jobs, rulesets).run("sessions", *DAYS, maintain=True)
    assert (rulesets.evaluated, jobs.started) == (["sessions"], [])


def test_task_that_is_killed_stops_its_job() -> None:
    jobs = Jobs()
    Glue(jobs, Rulesets()).stop()
    assert jobs.is_stopped
