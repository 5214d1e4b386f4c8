"""`deftunes refill`: values of a new column for the rows that are older than it."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from typing import Annotated

import typer

from deftunes import target
from deftunes.cli.checkout import ROOT, is_embedded, is_on_aws, lake_answers, services_down
from deftunes.cli.options import Json
from deftunes.cli.output import console, print_json, show
from deftunes.run.runner import Progress
from deftunes.system.lock import run_lock
from spark_jobs.problem import Problem


def refill(
    column: Annotated[str, typer.Argument(help="TABLE.COLUMN of silver, such as sessions.user_agent")],
    as_json: Json = False,
) -> None:
    """Fill a column of silver in rows older than it: refine again what was landed, then build and publish gold."""
    from deftunes.run import refill as refilling
    from deftunes.run.task import task_pipeline

    wanted = refilling.parse_column(column)
    if is_on_aws():
        raise Problem(
            "A column is not refilled from here on AWS, where the jobs refine",
            "refill",
            column,
            "start the job that refines for each window that was landed (docs/aws.md), then build gold",
            "Nothing was changed.",
        )
    if not lake_answers():
        raise services_down()

    def shown(title: str, act: Callable[..., list[Progress]]) -> list[Progress]:
        return show(act, title, as_json)

    with ExitStack() as stack:
        if is_embedded():  # elsewhere tasks lock the table
            stack.enter_context(run_lock(ROOT))
        steps = (refilling.refine_step(wanted.table),)
        line = stack.enter_context(task_pipeline(ROOT, target.current(ROOT), steps, os.environ))
        done = refilling.refill(line, wanted, shown)
    if as_json:
        print_json(asdict(done))
        return
    console.print(
        f"\n{done.column}: {done.filled_after:,} of {done.rows:,} rows have a value, {done.filled_before:,} had one "
        f"before; {done.days:,} days were refined again, in {done.windows:,} windows."
    )
    if lacking := done.rows - done.filled_after:
        console.print(f"Of {lacking:,} rows landing has none.")
