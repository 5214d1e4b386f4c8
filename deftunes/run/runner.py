"""The embedded runner: the steps of one window, each as soon as what it waits for has passed."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from deftunes.run.steps import STEPS, Step
from deftunes.system.interruption import threads
from spark_jobs.problem import Problem

WAITING, RUNNING, PASSED, FAILED, NOT_REACHED = "waiting", "running", "passed", "failed", "not reached"
SIDE_BY_SIDE = 3  # beside those that wait for others before they publish


@dataclass
class Progress:
    """How far one step is. `summary` is what it said when it passed, `problem` what stopped it.

    `references`: true once the steps its rules wait for have passed, false once one of them has not; none without such.
    """

    step: Step
    references_ready: Future[bool] | None = None
    state: str = WAITING
    started: float = 0.0
    seconds: float = 0.0
    summary: Mapping[str, Any] = field(default_factory=dict)
    problem: Problem | None = None

    def elapsed_s(self) -> float:
        return time.monotonic() - self.started if self.state == RUNNING else self.seconds


class StepFailedError(Exception):
    """A step was stopped by a problem; the steps behind it were not reached."""

    def __init__(self, step: Step, problem: Problem) -> None:
        self.step, self.problem = step, problem
        super().__init__(f"{step.name}: {problem}")


Act = Callable[[Step, "Future[bool] | None"], Mapping[str, Any]]


def run_steps(act: Act, progress: Callable[[list[Progress]], None], steps: tuple[Step, ...] = STEPS) -> list[Progress]:
    """Runs every step by `act` and tells `progress` after each change. Raises StepFailedError for the first failure.

    Steps at work when another fails are waited for, so that none is left half way.
    """
    names = {step.name for step in steps}
    board = {step.name: Progress(step, Future() if names & set(step.references) else None) for step in steps}
    progresses = list(board.values())
    at_work: dict[Future[Mapping[str, Any]], Progress] = {}
    waiting = sum(each.references_ready is not None for each in progresses)
    with threads(SIDE_BY_SIDE + waiting) as pool:
        while _start_ready(board, at_work, pool, act) or at_work:
            progress(progresses)
            done, _ = wait(at_work, return_when=FIRST_COMPLETED)
            for future in done:
                _record_result(at_work.pop(future), future)
            _resolve_references(board)
    for each in progresses:
        each.state = NOT_REACHED if each.state == WAITING else each.state
    progress(progresses)
    failed = next((each for each in progresses if each.problem), None)
    if failed is not None and failed.problem is not None:
        raise StepFailedError(failed.step, failed.problem)
    return progresses


def _start_ready(
    board: Mapping[str, Progress],
    at_work: dict[Future[Mapping[str, Any]], Progress],
    pool: ThreadPoolExecutor,
    act: Act,
) -> bool:
    """Starts the steps that wait for nothing any more; none once a step has failed."""
    if any(each.state == FAILED for each in board.values()):
        return False
    ready = [
        each
        for each in board.values()
        if each.state == WAITING and all(board[name].state == PASSED for name in each.step.after if name in board)
    ]
    for each in ready:
        each.state, each.started = RUNNING, time.monotonic()
        at_work[pool.submit(act, each.step, each.references_ready)] = each
    return bool(ready)


def _resolve_references(board: Mapping[str, Progress]) -> None:
    """Lets those that wait for others before they judge know how these ended, or that they never will begin."""
    is_stopped = any(each.state == FAILED for each in board.values())
    for each in board.values():
        states = {board[name].state for name in each.step.references if name in board}
        if each.references_ready is None or each.references_ready.done():
            continue
        if states == {PASSED}:
            each.references_ready.set_result(True)
        elif FAILED in states or (is_stopped and WAITING in states):
            each.references_ready.set_result(False)


def _record_result(each: Progress, future: Future[Mapping[str, Any]]) -> None:
    each.seconds = time.monotonic() - each.started
    try:
        each.summary = future.result()
        each.state = PASSED
    except Problem as problem:
        if each.references_ready and each.references_ready.done() and not each.references_ready.result():
            each.state = NOT_REACHED  # what stopped the others is the problem
        else:
            each.state, each.problem = FAILED, problem
    except Exception as error:  # whatever it is, it belongs to this step
        message = str(error).strip() or type(error).__name__
        each.state = FAILED
        each.problem = Problem(f"{each.step.name} broke", each.step.name, message, "see var/logs, then run again")
