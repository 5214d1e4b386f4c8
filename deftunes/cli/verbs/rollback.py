"""`deftunes rollback`: the way back to a state of the lake, which can be undone."""

from typing import Annotated, Any

import typer

from deftunes import target
from deftunes.cli.checkout import ROOT, lake_answers, services_down
from deftunes.cli.options import Json, TargetName
from deftunes.cli.output import console, ignore, print_json
from deftunes.cli.screen import Board


def rollback(
    to: Annotated[str, typer.Option("--to", help="a state's name, or a time such as 2020-01-31T12:00 (UTC)")],
    target_name: TargetName = None,  # noqa: ARG001  the process goes by it already
    as_json: Json = False,
) -> None:
    """Take all silver tables back to one state, then gold and the published file. Landing stays."""
    from deftunes.run.rollback import run_rollback

    if not lake_answers():
        raise services_down()
    values = target.current(ROOT)
    if as_json:
        print_json(run_rollback(ROOT, values, to, ignore))
        return
    with Board(console, f"rollback to {to}") as progress:
        done = run_rollback(ROOT, values, to, progress)
    _print_outcome(done)


def _print_outcome(done: dict[str, Any]) -> None:
    console.print(f"\n[green]The lake is at {done['rolled_back_to']} again[/]; history has it as {done['state']}.")
    if len(done["steps"]) == 1:
        console.print("Gold is as it was: start the job that builds it (docs/aws.md).")
    if done["was_at"]:
        console.print(f"To undo this: [bold]make rollback TO={done['was_at']}[/]")
    if done["days_taken_back"]:
        first, last = done["days_taken_back"]
        console.print(f"To run what it took back again: [bold]make run FROM={first} TO={last}[/]")
