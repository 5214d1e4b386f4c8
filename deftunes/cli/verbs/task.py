"""`deftunes task`: the steps of one table, as Airflow starts them."""

from collections.abc import Callable
from typing import Annotated

import typer

from deftunes import target
from deftunes.cli import arguments
from deftunes.cli.checkout import ROOT
from deftunes.cli.options import AcceptSources, To
from deftunes.cli.output import show
from deftunes.run.runner import Progress


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
        return task.run_task(ROOT, values, wanted, window, progress, accept_sources=accept_sources)

    show(act, f"{table}, {window}", False)
