"""`deftunes diff`: what differs between two states of the lake."""

from typing import Annotated, Any

import typer

from deftunes import target
from deftunes.cli import screen
from deftunes.cli.checkout import ROOT, lake_answers, services_down
from deftunes.cli.options import Json, TargetName
from deftunes.cli.output import console, print_json

STATE = "a state's name, `latest`, or a time such as 2020-01-31T12:00 (UTC)"


def diff(
    earlier: Annotated[str, typer.Argument(help=STATE)],
    later: Annotated[str, typer.Argument(help=STATE)] = "latest",
    table: Annotated[str | None, typer.Option(help="this table alone: users, sessions or songs")] = None,
    target_name: TargetName = None,  # noqa: ARG001  the process goes by it already
    as_json: Json = False,
) -> None:
    """Rows added, changed and removed from one state to another, by day, with the first keys; and what was sold."""
    from deftunes.states import diff as states
    from spark_jobs.silver import TABLES

    if table is not None and table not in TABLES:
        raise typer.BadParameter(f"{table} is none of {', '.join(TABLES)}")
    if not lake_answers():
        raise services_down()
    found = states.diff(target.current(ROOT), ROOT, earlier, later, table)
    if as_json:
        print_json(found)
        return
    console.print(f"From [bold]{found['earlier']}[/] to [bold]{found['later']}[/]\n")
    for name, differing in found["tables"].items():
        _print_table(name, differing)
    months = [list(month.values()) for month in found["sales"]]
    columns = ("month", "currency", "items before", "sales before", "items after", "sales after", "items in gold",
               "sales in gold")  # fmt: skip
    console.print(screen.grid(columns, months, "Sold, by month"))


def _print_table(name: str, differing: dict[str, Any]) -> None:
    if not differing["by_day"]:
        console.print(f"{name}: no row differs\n", markup=False)
        return
    rows = [[str(day["day"]), day["added"], day["changed"], day["removed"]] for day in differing["by_day"]]
    totals = ["all days", differing["added"], differing["changed"], differing["removed"]]
    console.print(screen.grid(("day", "added", "changed", "removed"), [*rows, totals], name))
    for kind, keys in differing["keys"].items():
        console.print(f"{kind}, for example: {', '.join(keys)}", markup=False)
    console.print()
