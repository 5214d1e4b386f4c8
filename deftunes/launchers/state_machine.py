"""The step graph as a state machine of Step Functions. `python -m deftunes.launchers.state_machine` writes it to FILE.

Steps that wait for nothing run side by side, then those that wait for them, and so on; each is a run of its Glue job
that is waited for. An execution is about the days `from` and `to` of its input. A schedule gives it `scheduled_at`
instead, and then it is about the day before. A step that failed is tried again, for it replaces its window.
"""

import json
from pathlib import Path
from typing import Any

from deftunes.run.steps import JOBS, Step
from spark_jobs.silver import TABLES

# Terraform fills in the name; `$$` is a dollar of ours in its template.
NAME = "${name}"
FILE = Path(__file__).resolve().parents[2] / "terraform/modules/schedule/state_machine.json.tftpl"
RETRY = [
    # A job has as many runs at once as Terraform allows it: another window is at work.
    {
        "ErrorEquals": ["Glue.ConcurrentRunsExceededException"],
        "IntervalSeconds": 60,
        "MaxAttempts": 60,
        "BackoffRate": 1,
    },
    {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 60, "MaxAttempts": 2, "BackoffRate": 5},
]
DAY_BEFORE = "$fromMillis($toMillis($states.input.scheduled_at) - 86400000, '[Y0001]-[M01]-[D01]')"


def definition() -> dict[str, Any]:
    """The state machine, in Amazon States Language with JSONata."""
    levels = levels_of(JOBS)
    names = ["Window", *(level_name(level) for level in levels)]
    states: dict[str, Any] = {"Window": {"Type": "Pass", "Assign": window(), "Next": names[1]}}
    for number, level in enumerate(levels, start=1):
        after = {"Next": names[number + 1]} if number + 1 < len(names) else {"End": True}
        states[names[number]] = state(level) | after
    return {
        "Comment": "The steps of deftunes/run/steps.py; python -m deftunes.launchers.state_machine writes this file",
        "QueryLanguage": "JSONata",
        "StartAt": "Window",
        "States": states,
    }


def window() -> dict[str, str]:
    """The variables of an execution: its days, and the run id that its jobs share."""
    return {
        "first": jsonata(f"$exists($states.input.scheduled_at) ? {DAY_BEFORE} : $states.input.from"),
        "last": jsonata(f"$exists($states.input.scheduled_at) ? {DAY_BEFORE} : $states.input.to"),
        "run_id": jsonata("$states.context.Execution.Name"),
    }


def levels_of(steps: tuple[Step, ...]) -> list[list[Step]]:
    """The steps in groups: each group waits for the ones before it, and for nothing else."""
    left, passed, levels = list(steps), set[str](), list[list[Step]]()
    while left:
        ready = [step for step in left if set(step.after) <= passed]
        levels.append(ready)
        passed |= {step.name for step in ready}
        left = [step for step in left if step not in ready]
    return levels


def level_name(level: list[Step]) -> str:
    verbs = " and ".join(dict.fromkeys(step.verb for step in level))
    return f"{verbs} {', '.join(step.table for step in level)}"


def state(level: list[Step]) -> dict[str, Any]:
    """One job, or several side by side."""
    if len(level) == 1:
        return job(level[0])
    branches = [{"StartAt": step.name, "States": {step.name: job(step) | {"End": True}}} for step in level]
    return {"Type": "Parallel", "Branches": branches}


def job(step: Step) -> dict[str, Any]:
    """The run of a step's job, waited for."""
    name = f"{NAME}-land-{TABLES[step.table].source.kind}" if step.verb == "land" else f"{NAME}-{step.verb}"
    arguments = {
        "--table": step.table,
        "--from": jsonata("$first"),
        "--to": jsonata("$last"),
        "--run-id": jsonata("$run_id"),
    }
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Arguments": {"JobName": name, "Arguments": arguments},
        "Retry": RETRY,
    }


def jsonata(expression: str) -> str:
    """An expression as the state machine has it. None holds a percent sign before a brace: Terraform's."""
    return f"{{% {expression} %}}"


def text() -> str:
    """The file, as Terraform's templatefile reads it."""
    return json.dumps(definition(), indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
