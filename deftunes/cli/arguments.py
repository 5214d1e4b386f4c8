"""Arguments of the command line, checked before anything starts."""

import os
import re
from datetime import timedelta

import typer

from spark_jobs.problem import Problem
from spark_jobs.window import Window

DEFAULT_WINDOW = "2020-01-01", "2020-03-31"
LARGEST_SCALE = 1000.0  # as mock_api/dataset.py has it, whose import takes longer than many a command


def window(first: str | None, last: str | None, look_back: int = 0) -> Window:
    """The days asked for: `first` alone is that day, neither is the default. Raises BadParameter, naming the value."""
    if first is None and last is not None:
        raise typer.BadParameter(f"the last day is {last}, the first is missing: write FROM=… TO={last}")
    if first is None:
        first, last = DEFAULT_WINDOW
    try:
        days = Window.parse(first, last or first)
        return Window(days.first - timedelta(days=look_back), days.last)
    except Problem as problem:
        way_out = problem.way_out[0].upper() + problem.way_out[1:]
        raise typer.BadParameter(f"{problem.what}: {problem.value}. {way_out}") from None


def validate_target(name: str | None) -> str | None:
    """The target, which this process goes by from now on. Raises BadParameter for one that runs nothing from here."""
    if name not in (None, "embedded", "aws"):
        raise typer.BadParameter(
            f"{name} is neither embedded nor aws; the containers' runs are Airflow's: make backfill"
        )
    if name:
        os.environ["DEFTUNES_TARGET"] = name
    return name


def validate_scale(scale: float) -> float:
    """The scale. Raises BadParameter for one that the mock source does not have; NaN is above nothing."""
    if not 0 < scale <= LARGEST_SCALE:
        raise typer.BadParameter(f"SCALE={scale:g} is out of range: give a number above 0, at most {LARGEST_SCALE:g}")
    return scale


def validate_seed(seed: int) -> int:
    """The seed. Raises BadParameter for a negative one, or one of more than 18 digits."""
    if not re.fullmatch(r"\d{1,18}", str(seed)):
        raise typer.BadParameter(f"SEED={seed} is out of range: give a whole number from 0, of at most 18 digits")
    return seed
