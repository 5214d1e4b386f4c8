"""`deftunes docs`: dbt's documentation."""

from deftunes import target
from deftunes.cli.checkout import ROOT, lake_answers, services_down
from deftunes.cli.output import console


def docs() -> None:
    """dbt's documentation of every model, as a website under var/dbt/target."""
    from deftunes.gold import build as gold
    from deftunes.gold.settings import gold_settings

    if not lake_answers():
        raise services_down()
    console.print(f"Open {gold.document(gold_settings(ROOT, target.current(ROOT)))}", markup=False)
