"""`deftunes watch`: what the code of a silver table makes of the last landed window, at each save."""

import time
from textwrap import shorten
from typing import Annotated, Any

import typer

from deftunes import target
from deftunes.cli import arguments, screen
from deftunes.cli.checkout import ROOT, is_embedded, lake_answers, services_down
from deftunes.cli.options import From, To
from deftunes.cli.output import console
from deftunes.cli.verbs.rules import print_outcomes
from spark_jobs.problem import Problem

WIDTH = 40  # characters of a value


def watch(
    table: Annotated[str, typer.Argument(help="users, sessions or songs")],
    first: From = None,
    last: To = None,
) -> None:
    """Rows, reasons and rule outcomes of the last landed window at each save; nothing is published. Ends by Ctrl-C."""
    from deftunes.run.silver_watch import WATCHED, Trial, saves, silver_trials
    from spark_jobs.silver import TABLES

    if table not in TABLES:
        raise typer.BadParameter(f"{table} is none of {', '.join(TABLES)}")
    if not is_embedded():
        raise Problem(
            "Code is watched where it is edited", "watch", target.current(ROOT).name, "watch it on the embedded target"
        )
    if not lake_answers():
        raise services_down()
    window = arguments.window(first, last) if first or last else None

    def show(trial: Trial) -> None:
        began = time.monotonic()
        try:
            _print_trial(trial(), table)
        except Problem as problem:
            console.print(screen.trouble(problem, is_framed=console.is_terminal))
        folders = " and ".join(f"{folder}/" for folder in WATCHED)
        console.print(
            f"\n[dim]{time.monotonic() - began:.1f} s. Nothing was published; waiting for saves in {folders}[/]"
        )

    with silver_trials(ROOT, target.current(ROOT), table, window) as trial:
        for files in saves(ROOT):
            if files:
                console.print(f"\nsaved: {', '.join(files)}", markup=False)
            show(trial)


def _print_trial(done: dict[str, Any], table: str) -> None:
    days = " to ".join(dict.fromkeys((done["from"], done["to"])))
    console.print(
        f"{table}, {days}: {done['landed_records']:,} records landed, {done['silver_rows']:,} rows, "
        f"{done['quarantined_rows']:,} quarantined, {done['duplicate_records']:,} duplicates",
        markup=False,
    )
    if done["reasons"]:
        reasons = [[each["reason"], each["rows"], each["example"]] for each in done["reasons"]]
        console.print(screen.grid(("reason", "rows", "for example"), reasons, "Quarantined"))
    others = [rule for rule in done["rules"] if rule["outcome"] != "Passed"]
    console.print(f"{len(done['rules']) - len(others)} rules passed")
    if others:
        print_outcomes(others, "The other rules")
    shown = [[short(value) for value in row] for row in done["first_rows"]]
    by_column = [list(values) for values in zip(done["columns"], *shown, strict=True)]
    console.print(screen.grid(("column", *(f"row {number}" for number in range(1, len(shown) + 1))), by_column))


def short(value: str | None) -> str:
    """A value as it fits beside those of other rows."""
    return shorten(value or "", WIDTH, placeholder=" …")
