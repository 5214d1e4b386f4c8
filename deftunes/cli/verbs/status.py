"""`deftunes status`: the services and the tables."""

from deftunes import target
from deftunes.cli import screen
from deftunes.cli.checkout import ROOT, is_embedded, is_on_aws, lake_answers
from deftunes.cli.options import Json, TargetName
from deftunes.cli.output import console, print_json
from deftunes.services import lifecycle


def status(
    target_name: TargetName = None,  # noqa: ARG001  the process goes by it already
    as_json: Json = False,
) -> None:
    """Services, or on AWS jobs; and per table: rows, last window, snapshot, rule outcomes, quarantined."""
    if is_on_aws():
        _on_aws(as_json)
        return
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


def _on_aws(as_json: bool) -> None:
    """The last run of each job, and the tables."""
    from deftunes.launchers.aws_status import jobs, tables
    from deftunes.launchers.platform import Platform

    platform = Platform.of(target.current(ROOT).values)
    last_runs, state = jobs(platform), tables(platform)
    if as_json:
        print_json({"jobs": last_runs, "tables": state})
        return
    for title, rows in (("Jobs, the last run of each", last_runs), ("Tables", state)):
        if rows:
            console.print(screen.grid(tuple(rows[0]), [tuple(row.values()) for row in rows], title), end="\n\n")
    if not state:
        console.print("No tables yet: run a window ([bold]deftunes run --target aws[/]).")
