"""`deftunes query`: a question to the star schema."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from deftunes import target
from deftunes.cli import screen
from deftunes.cli.checkout import ROOT, is_on_aws, lake_answers
from deftunes.cli.options import Json, TargetName
from deftunes.cli.output import console, print_json


def query(
    sql: Annotated[str, typer.Argument(help="SQL over gold.*, bi.* and lake.deftunes_silver.*")],
    target_name: TargetName = None,  # noqa: ARG001  the process goes by it already
    as_json: Json = False,
) -> None:
    """Ask the star schema, and the lake while the services run."""
    names, rows = _on_aws(sql) if is_on_aws() else _here(sql)
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        console.print(screen.grid(names, rows))
        console.print(f"[dim]{len(rows):,} rows[/]")


def _here(sql: str) -> tuple[list[str], Sequence[Sequence[Any]]]:
    from deftunes.lake import queries

    with queries.connect(target.current(ROOT), ROOT, lake_answers()) as connection:
        return queries.rows(connection, sql)


def _on_aws(sql: str) -> tuple[list[str], Sequence[Sequence[Any]]]:
    from deftunes.launchers.data_api import Warehouse
    from deftunes.launchers.platform import Platform

    return Warehouse(Platform.of(target.current(ROOT).values)).rows(sql)
