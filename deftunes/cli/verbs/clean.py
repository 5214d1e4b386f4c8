"""`deftunes clean`: all data removed."""

from deftunes.cli.checkout import ROOT
from deftunes.cli.output import console
from deftunes.services import lifecycle


def clean() -> None:
    """Stop the services and remove all data of this checkout, but not what set-up fetched."""
    lifecycle.clean(ROOT)
    console.print("Removed all data. The environments and jars stay.")
