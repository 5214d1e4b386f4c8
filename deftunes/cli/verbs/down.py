"""`deftunes down`: the services stopped."""

from deftunes.cli.checkout import ROOT
from deftunes.cli.output import console
from deftunes.services import lifecycle
from deftunes.system.lock import run_lock


def down() -> None:
    """Stop the services; data stay."""
    with run_lock(ROOT):
        console.print("Stopped." if lifecycle.down(ROOT) else "Nothing was running.")
