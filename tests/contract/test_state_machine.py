"""The state machine that Terraform makes is the step graph: each step's job, after all that it waits for."""

import json
from typing import Any

import pytest

from deftunes.launchers import state_machine
from deftunes.launchers.glue import GlueJobs
from deftunes.launchers.platform import Platform
from deftunes.run.steps import JOBS


def test_file_is_what_the_steps_come_to() -> None:
    assert state_machine.FILE.read_text(encoding="utf-8") == state_machine.text(), (
        "python -m deftunes.launchers.state_machine writes it"
    )


def jobs_in_order() -> list[dict[str, str]]:
    """Step -> name of its job, of each group that runs side by side, in the order of the machine."""
    machine = json.loads(state_machine.FILE.read_text(encoding="utf-8"))
    found, name = [], machine["States"][machine["StartAt"]]["Next"]
    while name:
        state = machine["States"][name]
        branches = state.get("Branches", [{"States": {name: state}}])
        found.append({step: job for branch in branches for step, job in named(branch["States"])})
        assert ("Next" in state) != state.get("End", False)
        name = state.get("Next")
    return found


def named(states: dict[str, Any]) -> list[tuple[str, str]]:
    tasks = [each for each in states.values() if each["Type"] == "Task"]
    arguments = [each["Arguments"]["Arguments"] for each in tasks]
    jobs = [each["Arguments"]["JobName"] for each in tasks]
    verbs = [job.split("-")[1] for job in jobs]
    return [(f"{verb} {each['--table']}", job) for verb, each, job in zip(verbs, arguments, jobs, strict=True)]


def test_each_step_runs_once_after_all_that_it_waits_for() -> None:
    passed = set[str]()
    for group in jobs_in_order():
        for name in group:
            step = next(each for each in JOBS if each.name == name)
            assert set(step.after) <= passed, name
        passed |= set(group)
    assert passed == {step.name for step in JOBS}


def test_jobs_are_those_of_the_other_launchers() -> None:
    launcher = GlueJobs(Platform("shop", "", "", "", "", ""))
    by_machine = {name: job.replace("${name}", "shop") for group in jobs_in_order() for name, job in group.items()}
    assert by_machine == {step.name: launcher.job(step) for step in JOBS}


@pytest.mark.parametrize("variable", ["first", "last"])
def test_scheduled_execution_is_about_the_day_before(variable: str) -> None:
    expression = state_machine.window()[variable]
    assert "$states.input.scheduled_at" in expression
    assert "- 86400000" in expression
