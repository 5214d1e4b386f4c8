"""`deftunes bench`: the figures."""

import subprocess
import sys
from typing import Annotated

import typer

from deftunes.cli.checkout import ROOT


def bench(
    sizes: Annotated[str, typer.Option(help="which figures: quick, or all with those of millions of rows")] = "quick",
) -> None:
    """Measure the figures the design sets itself; the table is kept under benchmarks/results."""
    raise typer.Exit(subprocess.run([sys.executable, str(ROOT / "benchmarks/bench.py"), sizes], check=False).returncode)
