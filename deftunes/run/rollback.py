"""A rollback of the whole: silver to one state, then gold and the served file of it."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from deftunes.gold.settings import gold_settings
from deftunes.lake.catalog import open_catalog
from deftunes.run.pipeline import Pipeline
from deftunes.run.runner import Progress, run_steps
from deftunes.run.steps import Step
from deftunes.services.lifecycle import Endpoints
from deftunes.system.lock import run_lock
from deftunes.target import Target
from spark_jobs.silver import CLOSING, TABLES

STEPS = (
    Step("rollback", "silver", "none"),
    Step("build", "gold", "none", after=("rollback silver",)),
    Step("publish", "gold", "none", after=("build gold",)),
)


def run_rollback(root: Path, values: Target, to: str, progress: Callable[[list[Progress]], None]) -> dict[str, Any]:
    """Takes silver to the state that `to` names (see SilverTables.find), and gold with it. Returns what is where then.

    Given again after a crash, it finishes. Raises Problem if there is no such state, runner.StepFailedError, and
    AnotherRunError while a run, or the task of a table, is going in this checkout.
    """
    ends = Endpoints(values, values["API_URL"], values["SOURCE_DSN"], "", values["CATALOG_URI"])
    with ExitStack() as stack:
        for of in ("run", *TABLES, "gold"):
            stack.enter_context(run_lock(root, of))
        return roll_back_all(Pipeline(root, ends, None, gold_settings(root, values)), to, progress)


def roll_back_all(line: Pipeline, to: str, progress: Callable[[list[Progress]], None]) -> dict[str, Any]:
    """The same of a pipeline whose lock is held."""
    from deftunes.gold.catching_up import days_between
    from deftunes.states.rollback import roll_back
    from deftunes.states.silver import SilverTables

    silver = SilverTables(open_catalog(line.ends.target))
    target, before = silver.find(to), silver.main()

    def act(step: Step, _: Future[bool] | None) -> Mapping[str, Any]:
        if step.verb == "rollback":
            return {"lake_state": roll_back(silver, target).name}
        return line.build(None) if step.verb == "build" else {"tables": line.publish()}

    steps = STEPS if line.gold_settings.is_duckdb else STEPS[:1]  # on AWS a job of its own builds gold
    steps_done = run_steps(act, progress, steps)
    was_at = next((state.name for state in silver.states() if state.snapshots == before.snapshots), None)
    days = days_between(silver.commits(), before.snapshots.get(CLOSING), target.snapshots.get(CLOSING))
    return {
        "rolled_back_to": target.name,
        "state": steps_done[0].summary["lake_state"],
        "was_at": was_at,
        "days_taken_back": (min(first for first, _ in days), max(last for _, last in days)) if days else None,
        "steps": [{"step": each.step.name, "seconds": round(each.seconds, 3), **each.summary} for each in steps_done],
    }
