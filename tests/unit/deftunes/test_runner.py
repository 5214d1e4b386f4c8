"""The runner: steps as soon as they may, and those that wait for others only before they judge."""

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

import pytest

from deftunes.run.runner import NOT_REACHED, Progress, StepFailedError, run_steps
from deftunes.run.steps import Step
from spark_jobs.problem import Problem

USERS = Step("refine", "users", "dag")
SESSIONS = Step("refine", "sessions", "dag", references=("refine users",))
GOLD = Step("build", "gold", "dag", after=("refine sessions",))
BROKEN = Problem("what", "where", "value", "way out")


def test_step_that_waits_before_its_rules_starts_beside_what_it_waits_for() -> None:
    sessions_began, order = threading.Event(), []

    def act(step: Step, references: "Future[bool] | None") -> Mapping[str, Any]:
        if step is SESSIONS:
            sessions_began.set()
            assert references is not None
            assert references.result(timeout=10)
        else:
            assert references is None
            assert sessions_began.wait(timeout=10) or step is GOLD
        order.append(step.name)
        return {}

    run_steps(act, lambda progress: None, (USERS, SESSIONS, GOLD))
    assert order == ["refine users", "refine sessions", "build gold"]


def test_step_whose_references_failed_gets_false_and_counts_as_not_reached() -> None:
    def act(step: Step, references: "Future[bool] | None") -> Mapping[str, Any]:
        if references is not None and not references.result(timeout=10):
            raise Problem("not judged", "", "", "")
        raise BROKEN

    progress: list[Progress] = []
    with pytest.raises(StepFailedError) as failed:
        run_steps(act, lambda steps: progress.extend(steps), (USERS, SESSIONS, GOLD))
    assert failed.value.problem is BROKEN
    assert [each.state for each in progress[-3:]][1:] == [NOT_REACHED, NOT_REACHED]


def test_step_whose_references_never_begin_gets_false() -> None:
    land = Step("land", "users", "dag")
    users = Step("refine", "users", "dag", after=("land users",))
    sessions_began, progress = threading.Event(), []

    def act(step: Step, references: "Future[bool] | None") -> Mapping[str, Any]:
        if references is not None:
            sessions_began.set()
            progress.append(references.result(timeout=10))
            raise Problem("not judged", "", "", "")
        assert sessions_began.wait(timeout=10)
        raise BROKEN

    with pytest.raises(StepFailedError):
        run_steps(act, lambda steps: None, (land, users, SESSIONS))
    assert progress == [False]


def test_steps_that_wait_leave_room_for_what_they_wait_for() -> None:
    waiting = tuple(Step("refine", f"t{number}", "dag", references=("refine users",)) for number in range(8))
    all_wait, order = threading.Barrier(len(waiting) + 1), []

    def act(step: Step, references: "Future[bool] | None") -> Mapping[str, Any]:
        all_wait.wait(timeout=10)
        if references is not None:
            assert references.result(timeout=10)
        order.append(step.name)
        return {}

    run_steps(act, lambda progress: None, (*waiting, USERS))
    assert order[0] == "refine users"
    assert len(order) == len(waiting) + 1


def test_step_alone_on_the_board_waits_for_nobody() -> None:
    references_passed = []
    run_steps(lambda step, references: references_passed.append(references) or {}, lambda progress: None, (SESSIONS,))
    assert references_passed == [None]
