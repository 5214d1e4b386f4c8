"""`deftunes history`: the states of the lake."""

from typing import Any

from deftunes import target
from deftunes.cli import screen
from deftunes.cli.checkout import ROOT, lake_answers, services_down
from deftunes.cli.options import Json, TargetName
from deftunes.cli.output import console, print_json


def history(
    target_name: TargetName = None,  # noqa: ARG001  the process goes by it already
    as_json: Json = False,
) -> None:
    """The states of the lake, newest first: what the tables held together, and which one gold is built of."""
    from deftunes.lake.catalog import open_catalog
    from deftunes.states.history import history as states

    if not lake_answers():
        raise services_down()
    found = states(open_catalog(target.current(ROOT)))
    if as_json:
        print_json(found)
        return
    if not found:
        console.print("No state yet: the first run makes one ([bold]make run[/]).")
        return
    tables = [name for name in found[0]["tables"] if not name.startswith("quarantine_")]
    columns = ("state", "closed (UTC)", "window", *tables, "quarantined", "rules", "")
    console.print(screen.grid(columns, [_row(state, tables) for state in found], "States, newest first"))
    console.print("\nThe way back to any of them, and from there back again: [bold]make rollback TO=STATE[/]")
    console.print("What differs between two: [bold]make diff A=STATE B=latest[/]")


def _row(state: dict[str, Any], tables: list[str]) -> list[str]:
    quarantined_rows = [table["rows"] or 0 for name, table in state["tables"].items() if name.startswith("quarantine_")]
    days = [str(state[key]) for key in ("window_from", "window_to") if state[key]]
    rules = [f"{count} {outcome}" for outcome, count in state["rules"].items() if count]
    marks = [word for word, holds in (("main", state["is_current"]), ("gold", state["is_gold"])) if holds]
    return [
        state["state"],
        f"{state['closed_at']:%Y-%m-%d %H:%M:%S}",
        " to ".join(dict.fromkeys(days)),
        *(_rows(state["tables"].get(name)) for name in tables),
        f"{sum(quarantined_rows):,}",
        ", ".join(rules),
        ", ".join(marks),
    ]


def _rows(table: dict[str, Any] | None) -> str:
    """`1,200 (+30)`: the rows, and how many more than in the state before."""
    if table is None or table["rows"] is None:
        return ""
    return f"{table['rows']:,}" + (f" ({table['change']:+,})" if table["change"] else "")
