"""Refill: the rows that are older than a column get its values, from landing.

A column that is added to a table is null in the rows that are there. Landing has the bytes they came from, so all that
was landed is refined again, window by window, by the same write-audit-publish as in any run: the rules hold, a window
that fails leaves its table as it was, and a refill that was broken off is begun anew. Gold is built at the end, once.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import pairwise

from deftunes.lake import queries
from deftunes.lake.catalog import open_catalog, table_or_none
from deftunes.run.pipeline import Pipeline
from deftunes.run.steps import SERVING, STEPS, Step
from deftunes.run.windows import Show
from spark_jobs.problem import Problem
from spark_jobs.silver import CLOSING, TABLES
from spark_jobs.silver.declaration import VANISHED_ON
from spark_jobs.window import Window

LONGEST_WINDOW = 31  # days: what is shown as one step, and what is refined again when it fails
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Column:
    """A column of a silver table."""

    table: str
    name: str

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


@dataclass(frozen=True)
class Refilled:
    """What a refill did. `filled_before` and `filled_after` of `rows` have a value in the column."""

    column: str
    windows: int
    days: int
    rows: int
    filled_before: int
    filled_after: int


def parse_column(text: str) -> Column:
    """TABLE.COLUMN. Raises Problem for another form, or for a table that is not declared."""
    table, _, name = text.partition(".")
    if table in TABLES and name.isidentifier():
        return Column(table, name)
    raise Problem(
        f"{text} names no column of a silver table",
        "refill",
        text,
        f"write TABLE.COLUMN, where TABLE is one of {', '.join(TABLES)}",
        "Nothing was changed.",
    )


def refine_step(table: str) -> Step:
    """The step that refines the table."""
    return next(step for step in STEPS if (step.verb, step.table) == ("refine", table))


def refill(line: Pipeline, column: Column, show: Show) -> Refilled:
    """Refines again all that was landed of the column's table, then builds and publishes gold.

    Raises Problem if the table has no such column, or nothing was landed; runner.StepFailedError as a run does.
    """
    _check_column(line, column)
    days = line.landed_days(column.table)
    if not days:
        landing = line.ends.target["LANDING_URI"]
        raise Problem(f"Landing has nothing of {column.table}", landing, "no manifest", "run the pipeline: make run")
    windows = windows_to_refine(days, _needs_every_snapshot(line, column))
    _, before = _count_filled(line, column)
    step = refine_step(column.table)
    for number, window in enumerate(windows, 1):
        title = f"{column}, {window} ({number} of {len(windows)})"
        show(title, partial(line.run_window, window, steps=(step,)))
    if column.table != CLOSING:  # its job alone closes a state, and gold is built of states
        last = line.landed_days(CLOSING)[-1]
        show(f"{CLOSING}, {last}", partial(line.run_window, Window(last, last), steps=(refine_step(CLOSING),)))
    whole = Window(windows[0].first, windows[-1].last)
    show(f"gold, {whole}", partial(line.run_window, whole, steps=SERVING))
    rows, after = _count_filled(line, column)
    return Refilled(str(column), len(windows), sum(len(list(window.days())) for window in windows), rows, before, after)


def windows_to_refine(days: list[date], needs_every_snapshot: bool | None) -> list[Window]:
    """The windows that hold exactly the landed days, in order, none longer than LONGEST_WINDOW.

    `needs_every_snapshot` is None for a table that is delivered by day. One that is delivered whole is refined of its
    newest snapshot, or of each in its turn.
    """
    if needs_every_snapshot is not None:
        return [Window(day, day) for day in (days if needs_every_snapshot else days[-1:])]
    breaks = [number for number, (day, after) in enumerate(pairwise(days), 1) if after - day > DAY]
    windows = []
    for start, end in pairwise([0, *breaks, len(days)]):
        for first in range(start, end, LONGEST_WINDOW):
            windows.append(Window(days[first], days[min(first + LONGEST_WINDOW, end) - 1]))
    return windows


def _needs_every_snapshot(line: Pipeline, column: Column) -> bool | None:
    """Whether a row that vanished lacks the value, which older snapshots alone have; None for tables by day."""
    if TABLES[column.table].write_mode != "snapshot":
        return None
    lacking = (
        f"select count(*) from lake.deftunes_silver.{column.table} "  # noqa: S608  names of ours
        f'where {VANISHED_ON} is not null and "{column.name}" is null'
    )
    with queries.connect(line.ends.target, line.root, with_lake=True) as connection:
        _, [(vanished,)] = queries.rows(connection, lacking)
    return bool(vanished)


def _count_filled(line: Pipeline, column: Column) -> tuple[int, int]:
    """Rows of the table, and those that have a value in the column."""
    sql = f'select count(*), count("{column.name}") from lake.deftunes_silver.{column.table}'  # noqa: S608  names of ours
    with queries.connect(line.ends.target, line.root, with_lake=True) as connection:
        _, [(rows, filled)] = queries.rows(connection, sql)
    return int(str(rows)), int(str(filled))


def _check_column(line: Pipeline, column: Column) -> None:
    table = f"deftunes_silver.{column.table}"
    present = table_or_none(open_catalog(line.ends.target), table)
    names = present.schema().column_names if present else []
    if column.name not in names:
        raise Problem(
            f"{table} has no column {column.name}",
            table,
            f"its columns are {', '.join(names)}" if names else "there is no such table",
            "a column that was added to the declaration comes with the next run: make run FROM=… TO=…, then refill it",
            "Nothing was changed.",
        )
