"""`deftunes rules`: the last outcome of every rule."""

from typing import Any

from deftunes import target
from deftunes.cli import screen
from deftunes.cli.checkout import ROOT, is_on_aws, lake_answers, services_down
from deftunes.cli.options import Json, TargetName
from deftunes.cli.output import console, print_json


def rules(
    target_name: TargetName = None,  # noqa: ARG001  the process goes by it already
    as_json: Json = False,
) -> None:
    """The last outcome of every rule, and how to see the rows."""
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
