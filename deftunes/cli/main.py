"""The command line. `make` wraps its verbs; every verb has `--help`, and `--json` where a machine may ask.

Exit codes: 0 done, 1 stopped by the data or a step, 2 wrong arguments, 3 a service or the machine, 4 another run is
going, 128 and its number a signal: 130 after Ctrl-C.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.columns import Columns

from deftunes import target
from deftunes.cli import arguments, screen
from deftunes.cli.json_text import json_text
from deftunes.lake import queries
from deftunes.run.runner import Progress, StepFailedError
from deftunes.services import lifecycle
from deftunes.system import interruption
from deftunes.system.lock import AnotherRunError, run_lock
from spark_jobs.problem import Problem
from spark_jobs.window import Window

ROOT = Path(__file__).resolve().parents[2]
STOPPED, WRONG, MACHINE, BUSY = 1, 2, 3, 4

NEXT = (
    "[bold]make status[/], [bold]make rules[/], [bold]make down[/], "
    '[bold]make query SQL="select * from bi.daily_sales_vw limit 5"[/]'
)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
console = screen.Screen()

From = Annotated[str | None, typer.Option("--from", help="first day, YYYY-MM-DD; alone it is the only day")]
To = Annotated[str | None, typer.Option("--to", help="last day, inclusive")]
Json = Annotated[bool, typer.Option("--json", help="print one JSON document and nothing else")]
Seed = Annotated[int, typer.Option(help="which data the mock source makes up", callback=arguments.checked_seed)]
Scale = Annotated[
    float,
    typer.Option(
        help="how much of them; 1 = about 120 000 items in a quarter, 10 000 songs", callback=arguments.checked_scale
    ),
]
SongsCsv = Annotated[Path | None, typer.Option(help="a real song catalogue of 14 columns, instead of a made-up one")]
AcceptSources = Annotated[bool, typer.Option("--accept-sources", help="go on with other sources than the lake's")]


@app.command()
def run(
    first: From = None,
    last: To = None,
    seed: Seed = 42,
    scale: Scale = 1.0,
    songs_csv: SongsCsv = None,
    look_back: Annotated[
        int, typer.Option(min=0, max=3650, help="also ask again for this many days before the first")
    ] = 0,
    by_day: Annotated[bool, typer.Option("--by-day", help="one window a day, then gold once for all of them")] = False,
    accept_sources: AcceptSources = False,
    as_json: Json = False,
) -> None:
    """Run the whole pipeline: sources to a published star schema. Without days, 2020-01-01 to 2020-03-31."""
    from deftunes.cli import totals
    from deftunes.run.pipeline import Asked, pipeline

    started = time.monotonic()
    window = arguments.window(first, last, look_back)
    windows = tuple(Window(day, day) for day in window.days()) if by_day else (window,)
    say = _quiet if as_json else lambda what: console.print(f"[dim]{what}[/]")
    seconds: list[float] = []

    def shown(title: str, act: Callable[..., list[Progress]]) -> list[Progress]:
        begun = time.monotonic()
        told = _shown(act, title, as_json)
        seconds.append(round(time.monotonic() - begun, 2))
        return told

    with pipeline(target.load("embedded", ROOT), Asked(windows, seed, scale, songs_csv, accept_sources), say) as line:
        done = totals.outcome(line.ends.target, ROOT, line.run_windows(windows, shown))
    done = {
        "run_id": line.run_id,
        "from": window.first,
        "to": window.last,
        "seconds": round(time.monotonic() - started, 2),
        "part_seconds": seconds,
        **done,
    }
    _print_json(done) if as_json else _print_outcome(done)


def _shown(act: Callable[..., list[Progress]], title: str, as_json: bool) -> list[Progress]:
    if as_json:
        return act(_quiet)
    with screen.Board(console, title) as progress:
        return act(progress)


def _print_outcome(done: dict[str, Any]) -> None:
    totals = [list(total.values()) for total in done["totals"]]
    console.print()
    console.print(screen.grid(("layer", "table", "rows", "sales"), totals, "Totals, all days"))
    console.print()
    country = screen.bars("Sales by country", done["sales_by_country"])
    artist = screen.bars("Top artists", done["top_artists"])
    console.print(Columns([country, artist], padding=(0, 4)))
    console.print(f"\n[green]Done in {done['seconds']:.1f} s.[/] Next: {NEXT}")


@app.command()
def task(
    table: Annotated[str, typer.Argument(help="songs, users, sessions or gold")],
    first: Annotated[str, typer.Option("--from", help="first day, YYYY-MM-DD")],
    last: To,
    maintain: Annotated[bool, typer.Option("--maintain", help="compact and expire instead")] = False,
    accept_sources: AcceptSources = False,
) -> None:
    """The steps of one table, against running services: what a task of Airflow does. DEFTUNES_TARGET names them."""
    from deftunes.run import steps, task

    chosen = steps.UPKEEP if maintain else steps.STEPS
    wanted = steps.steps_of(table, chosen)
    if not wanted:
        raise typer.BadParameter(f"{table} is none of {', '.join(dict.fromkeys(step.table for step in chosen))}")
    window = arguments.window(first, last)
    settled = target.current(ROOT)

    def act(progress: Callable[[list[Progress]], None]) -> list[Progress]:
        return task.run_task(ROOT, settled, wanted, window, progress, accept_sources=accept_sources)

    _shown(act, f"{table}, {window}", False)


@app.command()
def status(as_json: Json = False) -> None:
    """Services, where they are ours; and per table: rows, last window, snapshot, verdicts, quarantined."""
    from deftunes.lake import tables_status

    running = lifecycle.status(ROOT) if _is_embedded() else []
    tables = tables_status.tables(ROOT) if _lake_answers() else []
    if as_json:
        _print_json({"services": [vars(each) for each in running], "tables": tables})
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


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="SQL over gold.*, bi.* and lake.deftunes_silver.*")], as_json: Json = False
) -> None:
    """Ask the star schema, and the lake while the services run."""
    with queries.asked(target.current(ROOT), ROOT, _lake_answers()) as connection:
        names, rows = queries.rows(connection, sql)
    if as_json:
        _print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        console.print(screen.grid(names, rows))
        console.print(f"[dim]{len(rows):,} rows[/]")


@app.command()
def rules(as_json: Json = False) -> None:
    """The last verdict on every rule, and how to see the rows."""
    from deftunes.lake import tables_status

    if not _lake_answers():
        raise _services_down()
    verdicts = tables_status.verdicts(ROOT)
    if as_json:
        _print_json(verdicts)
        return
    names = ("table_name", "outcome", "rule", "reason", "window_from", "window_to")
    console.print(screen.grid(names, [[verdict[name] for name in names] for verdict in verdicts], "Last verdicts"))
    console.print("\nRows put aside, with the reasons and the raw record:")
    console.print('  make query SQL="select * from lake.deftunes_silver.quarantine_sessions"', markup=False)
    for address in tables_status.kept_branches(ROOT):
        console.print(f"Rows of a run whose rules failed: {address}", markup=False)


@app.command()
def up(seed: Seed = 42, scale: Scale = 1.0, songs_csv: SongsCsv = None) -> None:
    """Start the services only."""
    from deftunes.services.source_dsn import source_address

    with run_lock(ROOT):
        ends = lifecycle.up(target.load("embedded", ROOT), seed, scale, songs_csv)
    console.print(
        f"API      {ends.api_url}/docs\nsource   {source_address(ends.source_dsn).place}\ncatalog  {ends.catalog_uri}",
        markup=False,
    )


@app.command()
def dashboards(seed: Seed = 42, scale: Scale = 1.0, songs_csv: SongsCsv = None, as_json: Json = False) -> None:
    """Superset over what was published; the services are started if they are down."""
    from deftunes.dashboards import service as superset

    wanted = target.load("embedded", ROOT)
    if not _lake_answers():
        with run_lock(ROOT):
            lifecycle.up(wanted, seed, scale, songs_csv)
    if not as_json:
        console.print("[dim]starting Superset; the first time, it makes its database[/]")
    shown = superset.up(wanted)
    if as_json:
        _print_json(vars(shown))
        return
    pages = [f"{shown.url}/superset/dashboard/{name}/" for name in ("sales", "operations")]
    people = [f"{name:<9}{password}" for name, password in shown.accounts.items()]
    console.print("\n".join([*pages, *people]), markup=False, highlight=False, soft_wrap=True)


@app.command()
def dashboards_export() -> None:
    """Write charts and dashboards back to superset/assets, as they are in Superset now."""
    from deftunes.dashboards import export as back
    from deftunes.dashboards import service as superset

    shown = superset.running(ROOT)
    written = back.export(ROOT / "superset/assets", shown.url, shown.accounts["admin"])
    console.print("\n".join(str(path.relative_to(ROOT)) for path in written) or "Nothing changed.", markup=False)


@app.command()
def down() -> None:
    """Stop the services; data stay."""
    with run_lock(ROOT):
        console.print("Stopped." if lifecycle.down(ROOT) else "Nothing was running.")


@app.command()
def clean() -> None:
    """Stop the services and remove all data of this checkout, but not what set-up fetched."""
    lifecycle.clean(ROOT)
    console.print("Removed all data. The environments and jars stay.")


@app.command()
def docs() -> None:
    """dbt's documentation of every model, as a website under var/dbt/target."""
    from deftunes.gold import build as gold
    from deftunes.gold.settings import gold_settings

    if not _lake_answers():
        raise _services_down()
    console.print(f"Open {gold.document(gold_settings(ROOT, target.current(ROOT)))}", markup=False)


@app.command()
def bench(
    sizes: Annotated[str, typer.Option(help="which figures: quick, or all with those of millions of rows")] = "quick",
) -> None:
    """Measure the figures the design sets itself; the table is kept under benchmarks/results."""
    raise typer.Exit(subprocess.run([sys.executable, str(ROOT / "benchmarks/bench.py"), sizes], check=False).returncode)


@app.command()
def doctor(as_json: Json = False) -> None:
    """What this machine lacks, and how to get it."""
    from deftunes.setup import doctor as checkup

    findings = checkup.check(ROOT)
    if as_json:
        _print_json([vars(finding) for finding in findings])
    else:
        rows = [
            ("✔" if each.ok else "✘" if each.is_needed else "–", each.what, each.detail, each.way_out)
            for each in findings
        ]
        console.print(screen.grid(("", "what", "found", "what to do"), rows))
    raise typer.Exit(0 if all(finding.is_in_order for finding in findings) else MACHINE)


def _is_embedded() -> bool:
    """Else services are others' to start and to watch."""
    return target.current(ROOT).name == "embedded"


def _lake_answers() -> bool:
    if not _is_embedded():
        return True
    return any(each.name == "catalog" and each.state == "running" for each in lifecycle.status(ROOT))


def _services_down() -> Problem:
    return Problem(
        "The Iceberg catalog is down", "services", "stopped", "start the services: make services", "Nothing changed."
    )


def _quiet(_: object) -> None:
    """Says nothing."""


def _print_json(value: Any) -> None:
    console.write(json_text(value))


def main() -> None:
    """The command line: errors become one paragraph and an exit code. Raises Interruption when a signal came."""
    try:
        code = app(standalone_mode=False, prog_name="deftunes")
    except typer._click.exceptions.ClickException as wrong:
        _refuse(wrong)
    except Exception as error:
        if interrupted := interruption.raised():
            raise interrupted from error
        _explain(error)
    sys.exit(code or 0)  # Typer returns the code of a typer.Exit


def _refuse(wrong: Any) -> NoReturn:
    """Wrong arguments: how the verb is used, and what is wrong."""
    if "--json" in sys.argv:
        _print_json({"problem": {"what": wrong.format_message()}})
    wrong.show()
    sys.exit(WRONG)


def _explain(error: Exception) -> NoReturn:
    """Prints the paragraph and leaves. An error nobody foresaw keeps its trace."""
    codes = ((AnotherRunError, BUSY), (StepFailedError, STOPPED), (Problem, STOPPED), (lifecycle.ServiceError, MACHINE))
    code = next((code for kind, code in codes if isinstance(error, kind)), None)
    if code is None and "DEFTUNES_TRACE" in os.environ:
        raise error
    if "--json" in sys.argv:
        problem = error.problem if isinstance(error, StepFailedError) else error
        _print_json({"problem": problem.as_dict() if isinstance(problem, Problem) else {"what": str(problem)}})
    else:
        errors = screen.Screen(stderr=True)
        errors.print(screen.trouble(error, is_framed=errors.is_terminal))
    sys.exit(MACHINE if code is None else code)
