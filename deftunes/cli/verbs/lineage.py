"""`deftunes lineage`: what a column is made of."""

from typing import Annotated

import typer
from rich.tree import Tree

from deftunes import target
from deftunes.cli import screen
from deftunes.cli.checkout import ROOT
from deftunes.cli.options import Json
from deftunes.cli.output import console, print_json
from deftunes.lineage import columns
from deftunes.lineage.columns import Column, Lineage
from deftunes.lineage.settings import FOLDER
from spark_jobs.problem import Problem


def lineage(
    column: Annotated[
        str | None, typer.Argument(help="such as gold.fact_session.price; without one, all of gold and bi")
    ] = None,
    as_json: Json = False,
) -> None:
    """What a column is made of, back to landing, from the events of runs with LINEAGE=1 below var/lineage."""
    found = columns.read(ROOT / FOLDER, target.current(ROOT)["LANDING_URI"])
    if not found.made_of:
        raise Problem(
            "There are no events about columns",
            str(ROOT / FOLDER),
            "empty",
            "run a window with them: make run LINEAGE=1",
        )
    chosen = (
        [_known(found, column)]
        if column
        else sorted(each for each in found.made_of if each.table.startswith(columns.SHOWN))
    )
    if as_json:
        print_json({str(each): [str(one) for one in found.made_of[each]] for each in chosen})
    elif column:
        console.print(_tree(found, chosen[0], Tree(str(chosen[0])), {chosen[0]}))
    else:
        rows = [
            (
                each.table,
                each.name,
                *(", ".join(map(str, found.origins(each, layer))) for layer in (columns.SILVER, columns.LANDING)),
            )
            for each in chosen
        ]
        console.print(screen.grid(("table", "column", "silver", "landing"), rows, "Where columns come from"))
    if found.unread and not as_json:
        console.print(
            f"[yellow]{found.unread} lines below var/lineage are no events; a run was ended while it wrote them.[/]"
        )


def _known(found: Lineage, column: str) -> Column:
    try:
        return found.column(column)
    except KeyError:
        raise Problem(
            "No event is about this column",
            column,
            "unknown",
            "without a column, deftunes lineage lists those that are known",
        ) from None


def _tree(found: Lineage, column: Column, tree: Tree, above: set[Column]) -> Tree:
    for each in found.made_of.get(column, ()):
        if each not in above:
            _tree(found, each, tree.add(str(each)), {*above, each})
    return tree
