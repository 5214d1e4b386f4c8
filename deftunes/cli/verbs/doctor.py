"""`deftunes doctor`: what the machine lacks."""

import typer

from deftunes.cli import screen
from deftunes.cli.checkout import ROOT
from deftunes.cli.exit_codes import MACHINE
from deftunes.cli.options import Json
from deftunes.cli.output import console, print_json


def doctor(as_json: Json = False) -> None:
    """What this machine lacks, and how to get it."""
    from deftunes.setup import doctor as checkup

    findings = checkup.check(ROOT)
    if as_json:
        print_json([vars(finding) for finding in findings])
    else:
        rows = [
            ("✔" if each.ok else "✘" if each.is_needed else "–", each.what, each.detail, each.way_out)
            for each in findings
        ]
        console.print(screen.grid(("", "what", "found", "what to do"), rows))
    raise typer.Exit(0 if all(finding.is_in_order for finding in findings) else MACHINE)
