"""`deftunes task`: the steps of one table, as Airflow starts them."""

from collections.abc import Callable
from typing import Annotated

import typer

from deftunes import target
from deftunes.cli import arguments
from deftunes.cli.checkout import ROOT, is_on_aws
from deftunes.cli.options import AcceptSources, To
from deftunes.cli.output import show
from deftunes.run.runner import Progress
from spark_jobs.problem import Problem
from spark_jobs.window import Window


def task(
    table: Annotated[str, typer.Argument(help="songs, users, sessions or gold")],
    first: Annotated[str, typer.Option("--from", help="first day, YYYY-MM-DD")],
    last: To,
    maintain: Annotated[bool, typer.Option("--maintain", help="compact and expire instead")] = False,
    accept_sources: AcceptSources = False,
) -> None:
    """The steps of one table, against running services: what a task of Airflow does. DEFTUNES_TARGET names them."""
    from deftunes.run import steps, task

    chosen = steps.MAINTENANCE if maintain else steps.STEPS
    wanted = steps.steps_of(table, chosen)
    if not wanted:
        raise typer.BadParameter(f"{table} is none of {', '.join(dict.fromkeys(step.table for step in chosen))}")
    window = arguments.window(first, last)
    values = target.current(ROOT)

    def act(progress: Callable[[list[Progress]], None]) -> list[Progress]:
        if is_on_aws():
            return _on_aws(table, window, progress, accept_sources=accept_sources, maintain=maintain)
        return task.run_task(ROOT, values, wanted, window, progress, accept_sources=accept_sources)

    show(act, f"{table}, {window}", False)


def _on_aws(
    table: str, window: Window, progress: Callable[[list[Progress]], None], *, accept_sources: bool, maintain: bool
) -> list[Progress]:
    """The same steps as runs of the jobs that Terraform made."""
    from deftunes.run.on_aws import aws_pipeline
    from deftunes.run.steps import JOBS, steps_of

    if maintain:
        way_out = "name the tables in maintained_tables and apply: docs/aws.md"
        raise Problem("Glue's table optimizers do the maintenance on AWS", table, "--maintain", way_out)
    with aws_pipeline(target.current(ROOT), accept_sources) as line:
        return line.run_window(window, progress, steps_of(table, JOBS))
