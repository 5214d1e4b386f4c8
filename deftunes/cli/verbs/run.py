"""`deftunes run`: the whole pipeline."""

import time
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.columns import Columns
from rich.markup import escape

from deftunes import target
from deftunes.cli import arguments, screen
from deftunes.cli.checkout import ROOT, is_on_aws
from deftunes.cli.options import AcceptSources, From, Json, Scale, Seed, SongsCsv, TargetName, To
from deftunes.cli.output import console, ignore, print_json, show
from deftunes.run.runner import Progress
from spark_jobs.window import Window

NEXT = (
    "[bold]make status[/], [bold]make rules[/], [bold]make down[/], "
    '[bold]make query SQL="select * from bi.daily_sales_vw limit 5"[/]'
)


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
    target_name: TargetName = None,  # noqa: ARG001  the process goes by it already
    as_json: Json = False,
) -> None:
    """Run the whole pipeline: sources to a published star schema. Without days, 2020-01-01 to 2020-03-31."""
    from deftunes.cli import totals

    started = time.monotonic()
    window = arguments.window(first, last, look_back)
    windows = tuple(Window(day, day) for day in window.days()) if by_day else (window,)
    say = ignore if as_json else lambda what: console.print(f"[dim]{what}[/]")
    seconds: list[float] = []

    def shown(title: str, act: Callable[..., list[Progress]]) -> list[Progress]:
        begun = time.monotonic()
        progresses = show(act, title, as_json)
        seconds.append(round(time.monotonic() - begun, 2))
        return progresses

    def finished(run_id: str, outcome: dict[str, Any]) -> dict[str, Any]:
        took = {"seconds": round(time.monotonic() - started, 2), "part_seconds": seconds}
        return {"run_id": run_id, "from": window.first, "to": window.last, **took, **outcome}

    if is_on_aws():
        from deftunes.run.on_aws import aws_pipeline

        with aws_pipeline(target.current(ROOT), accept_sources) as on_aws:
            done = finished(on_aws.run_id, totals.outcome(on_aws.rows, on_aws.run_windows(windows, shown)))
        print_json(done) if as_json else _print_totals(done)
        return
    from deftunes.lake import queries
    from deftunes.run.pipeline import RunRequest, pipeline

    request = RunRequest(windows, seed, scale, songs_csv, accept_sources)
    with pipeline(target.load("embedded", ROOT), request, say) as line:
        progresses = line.run_windows(windows, shown)
        with queries.connect(line.ends.target, ROOT, with_lake=True) as connection:
            done = finished(line.run_id, totals.outcome(lambda sql: queries.rows(connection, sql), progresses))
        if not as_json:
            _print_totals(done)
        maintained, problem = line.maintain_where_due(lambda title, act: show(act, title, as_json))
    if as_json:
        print_json({**done, "maintained": [each.step.table for each in maintained]})
    elif problem:
        console.print(f"[yellow]Maintenance was not done, the run was: {escape(str(problem))}[/]")


def _print_totals(done: dict[str, Any]) -> None:
    totals = [list(total.values()) for total in done["totals"]]
    console.print()
    console.print(screen.grid(("layer", "table", "rows", "sales"), totals, "Totals, all days"))
    console.print()
    country = screen.bars("Sales by country", done["sales_by_country"])
    artist = screen.bars("Top artists", done["top_artists"])
    console.print(Columns([country, artist], padding=(0, 4)))
    console.print(f"\n[green]Done in {done['seconds']:.1f} s.[/] Next: {NEXT}")
