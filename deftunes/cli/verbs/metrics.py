"""`deftunes metrics`: the figures of runs, for Prometheus."""

import os
from pathlib import Path
from typing import Annotated

import typer

from deftunes.cli.checkout import ROOT, is_on_aws, lake_answers, services_down
from deftunes.cli.output import console
from spark_jobs.problem import Problem


def metrics(
    file: Annotated[
        Path | None, typer.Option(help="write them there in one step, as for node_exporter's textfile collector")
    ] = None,
    listen: Annotated[
        int | None, typer.Option(min=0, max=65535, help="answer at this port, /metrics, until stopped; 0 is any")
    ] = None,
    address: Annotated[str, typer.Option(help="where to listen")] = "127.0.0.1",
) -> None:
    """What the last refinement of each table did, how long and when, and its rule outcomes, as OpenMetrics text."""
    from deftunes.lake import metrics

    if is_on_aws():
        raise Problem(
            "The figures of runs are CloudWatch's on AWS",
            "metrics",
            "--target aws",
            "see their alarms: terraform/modules/observability",
        )
    if listen is not None:
        port, listening = metrics.serve(ROOT, address, listen)
        console.print(f"http://{address}:{port}/metrics", markup=False)
        listening.join()
        return
    if not lake_answers():
        raise services_down()
    text = metrics.text(ROOT)
    if file is None:
        typer.echo(text, nl=False)
        return
    beside = file.with_name(f"{file.name}.{os.getpid()}")  # the collector reads *.prom only
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)
