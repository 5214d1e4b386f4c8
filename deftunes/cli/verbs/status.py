"""`deftunes status`: the services and the tables."""

from deftunes.cli import screen
from deftunes.cli.checkout import ROOT, is_embedded, lake_answers
from deftunes.cli.options import Json
from deftunes.cli.output import console, print_json
from deftunes.services import lifecycle


def status(as_json: Json = False) -> None:
    """Services, where they are ours; and per table: rows, last window, snapshot, rule outcomes, quarantined."""
    from deftunes.lake import tables_status

    running = lifecycle.status(ROOT) if is_embedded() else []
    tables = tables_status.tables(ROOT) if lake_answers() else []
    if as_json:
        print_json({"services": [vars(each) for each in running], "tables": tables})
        return
    rows = [
        (each.name, each.state, str(each.port or ""), str(each.pid or ""), str(each.log.relative_to(ROOT)))
        for each in running
    ]
    if running:
        console.print(screen.grid(("service", "state", "port", "pid", "log"), rows, "Services"), end="\n\n")
    if tables:
        console.print(screen.grid(tuple(tables[0]), [tuple(table.values()) for table in tables], "Tables"))
    else:
        console.print(
            "No tables to show: the services are down ([bold]make services[/]) or nothing ran ([bold]make run[/])."
        )
