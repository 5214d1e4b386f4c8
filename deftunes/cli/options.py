"""Options that several verbs take."""

from pathlib import Path
from typing import Annotated

import typer

from deftunes.cli import arguments

From = Annotated[str | None, typer.Option("--from", help="first day, YYYY-MM-DD; alone it is the only day")]
To = Annotated[str | None, typer.Option("--to", help="last day, inclusive")]
Json = Annotated[bool, typer.Option("--json", help="print one JSON document and nothing else")]
TargetName = Annotated[
    str | None,
    typer.Option(
        "--target", help="embedded (on this machine) or aws (what Terraform made)", callback=arguments.validate_target
    ),
]
Seed = Annotated[int, typer.Option(help="which data the mock source makes up", callback=arguments.validate_seed)]
Scale = Annotated[
    float,
    typer.Option(
        help="how much of them; 1 = about 120 000 items in a quarter, 10 000 songs", callback=arguments.validate_scale
    ),
]
SongsCsv = Annotated[Path | None, typer.Option(help="a real song catalogue of 14 columns, instead of a made-up one")]
AcceptSources = Annotated[bool, typer.Option("--accept-sources", help="go on with other sources than the lake's")]
