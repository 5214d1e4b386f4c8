"""`deftunes query`: a question to the star schema."""

from typing import Annotated

import typer

from deftunes import target
from deftunes.cli import screen
from deftunes.cli.checkout import ROOT, lake_answers
from deftunes.cli.options import Json
from deftunes.cli.output import console, print_json
from deftunes.lake import queries


def query(
    sql: Annotated[str, typer.Argument(help="SQL over gold.*, bi.* and lake.deftunes_silver.*")], as_json: Json = False
) -> None:
    """Ask the star schema, and the lake while the services run."""
    with queries.connect(target.current(ROOT), ROOT, lake_answers()) as connection:
        names, rows = queries.rows(connection, sql)
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        console.print(screen.grid(names, rows))
        console.print(f"[dim]{len(rows):,} rows[/]")
