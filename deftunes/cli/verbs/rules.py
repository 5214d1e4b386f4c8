"""`deftunes rules`: the last outcome of every rule."""

from deftunes.cli import screen
from deftunes.cli.checkout import ROOT, lake_answers, services_down
from deftunes.cli.options import Json
from deftunes.cli.output import console, print_json


def rules(as_json: Json = False) -> None:
    """The last outcome of every rule, and how to see the rows."""
    from deftunes.lake import tables_status

    if not lake_answers():
        raise services_down()
    rule_outcomes = tables_status.rule_outcomes(ROOT)
    if as_json:
        print_json(rule_outcomes)
        return
    names = ("table_name", "outcome", "rule", "reason", "window_from", "window_to")
    rows = [[outcome[name] for name in names] for outcome in rule_outcomes]
    console.print(screen.grid(names, rows, "Last rule outcomes"))
    console.print("\nQuarantined rows, with the reasons and the raw record:")
    console.print('  make query SQL="select * from lake.deftunes_silver.quarantine_sessions"', markup=False)
    for address in tables_status.kept_branches(ROOT):
        console.print(f"Rows of a run whose rules failed: {address}", markup=False)
