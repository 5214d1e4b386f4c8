"""`deftunes dbt`: any command of dbt, as a build has it."""

from typing import Annotated

import typer

from deftunes import target
from deftunes.cli.checkout import ROOT, lake_answers, services_down
from deftunes.cli.exit_codes import STOPPED
from deftunes.system.lock import run_lock

SHOWN = ("--no-quiet", "--log-level", "info")


def dbt(
    words: Annotated[
        list[str] | None, typer.Argument(help="after --: dbt's own command and options", metavar="…")
    ] = None,
) -> None:
    """Any command of dbt, with the profile, the state and the lock of a build; silver is read as it stands."""
    from deftunes.gold.dbt_run import prepare, run_dbt
    from deftunes.gold.settings import gold_settings

    if not lake_answers():
        raise services_down()
    with run_lock(ROOT):
        settings = gold_settings(ROOT, target.current(ROOT))
        prepare(settings)
        done = run_dbt(settings, *words, *SHOWN) if words else run_dbt(settings, "--help")
    raise typer.Exit(0 if done.success else STOPPED)
