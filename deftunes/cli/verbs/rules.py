"""`deftunes rules`: the last outcome of every rule; with --try, what other rules would say."""

from pathlib import Path
from typing import Annotated, Any

import typer

from deftunes import target
from deftunes.cli import arguments, screen
from deftunes.cli.checkout import ROOT, is_on_aws, lake_answers, services_down
from deftunes.cli.options import From, Json, TargetName, To
from deftunes.cli.output import console, print_json


def rules(
    file: Annotated[
        Path | None,
        typer.Option("--try", exists=True, dir_okay=False, help="evaluate this file of rules, and publish nothing"),
    ] = None,
    table: Annotated[
        str | None, typer.Option(help="the table that the file is about (default: the file's name)")
    ] = None,
    first: From = None,
    last: To = None,
    target_name: TargetName = None,  # noqa: ARG001  the process goes by it already
    as_json: Json = False,
) -> None:
    """The last outcome of every rule, and how to see the rows; with --try, what a file of rules says of silver."""
    if file is not None:
        _try(file, table, first, last, as_json)
        return
    found, kept = _on_aws() if is_on_aws() else _here()
    if as_json:
        print_json(found)
        return
    names = ("table_name", "outcome", "rule", "reason", "window_from", "window_to")
    console.print(screen.grid(names, [[each[name] for name in names] for each in found], "Last rule outcomes"))
    console.print("\nQuarantined rows, with the reasons and the raw record:")
    console.print('  make query SQL="select * from lake.deftunes_silver.quarantine_sessions"', markup=False)
    for address in kept:
        console.print(f"Rows of a run whose rules failed: {address}", markup=False)


def _here() -> tuple[list[dict[str, Any]], list[str]]:
    """The outcomes of the last evaluations, and the branches that failed runs left."""
    from deftunes.lake import tables_status

    if not lake_answers():
        raise services_down()
    return tables_status.rule_outcomes(ROOT), tables_status.kept_branches(ROOT)


def _on_aws() -> tuple[list[dict[str, Any]], list[str]]:
    """The same of the platform; Redshift shows main alone, so branches are named by the failed run's own words."""
    from deftunes.launchers.aws_status import outcomes
    from deftunes.launchers.platform import Platform

    return outcomes(Platform.of(target.current(ROOT).values)), []


def _try(file: Path, table: str | None, first: str | None, last: str | None, as_json: bool) -> None:
    from deftunes.run.rule_trial import run_rule_trial
    from spark_jobs.silver import TABLES

    if not lake_answers():
        raise services_down()
    name = table or file.name.split(".")[0]
    if name not in TABLES:
        raise typer.BadParameter(f"{name} is none of {', '.join(TABLES)}: name the table with --table")
    window = arguments.window(first, last) if first or last else None
    done = run_rule_trial(ROOT, target.current(ROOT), file.resolve(), name, window)
    if as_json:
        print_json(done)
    else:
        _print_trial(done, name)
    raise typer.Exit(0 if done["is_passed"] else 1)


def _print_trial(done: dict[str, Any], name: str) -> None:
    print_outcomes(done["rules"], f"{done['evaluated_rows']:,} rows of {name}, {done['state'] or 'as main holds them'}")
    console.print("\nNothing was published.")


def print_outcomes(rules: list[dict[str, Any]], title: str) -> None:
    """The outcome of each rule of a trial, and the first keys that it fails on."""
    rows = [(rule["rule"], rule["outcome"], _count(rule["failing_rows"]), rule["reason"]) for rule in rules]
    console.print(screen.grid(("rule", "outcome", "failing rows", "reason"), rows, title))
    for rule in rules:
        if rule["first_keys"]:
            console.print(f"\n{rule['rule']} fails on, for example:", markup=False)
            console.print("\n".join(f"  {key}" for key in rule["first_keys"]), markup=False)


def _count(rows: int | None) -> str:
    return "it names no rows" if rows is None else f"{rows:,}"
