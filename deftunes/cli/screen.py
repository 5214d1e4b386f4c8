"""The screen: what a run shows a person while it goes, when it is done, and when it fails."""

import codecs
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from deftunes.run.runner import FAILED, NOT_REACHED, PASSED, RUNNING, Progress, StepFailedError
from deftunes.system.interruption import Interruption
from deftunes.system.printable import printable
from spark_jobs.problem import Problem

MARKS = {PASSED: "[green]✔[/]", RUNNING: "[cyan]▸[/]", FAILED: "[red]✘[/]", NOT_REACHED: "[dim]–[/]"}
BAR_WIDTH = 32
PLAIN = {"✔": "+", "✘": "x", "▸": ">", "–": "-", "█": "#", "…": "."}  # on a terminal that is not UTF-8; else "?"
UNBOUNDED = 100_000  # columns of a pipe or a file: no line is broken there


class Screen(Console):
    """Standard output or error. Lines are broken for people only: not in a pipe, unless COLUMNS says how wide it is.

    What is shown was written by others too: names, bodies of answers, errors, logs. None of it reaches the terminal but
    as text, whatever way it took here.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr)
        if not self.encoding.startswith("utf") and isinstance(self.file, io.TextIOWrapper):
            codecs.register_error("plain", _plain)
            self.file.reconfigure(errors="plain")
        if not self.is_terminal and not os.environ.get("COLUMNS", "").isdecimal():
            self.width = UNBOUNDED

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(printable(segment.text), segment.style)

    def write(self, text: str) -> None:
        """Writes the text as it is."""
        try:
            self.file.write(text)
            self.file.flush()
        except BrokenPipeError:
            self.on_broken_pipe()

    def on_broken_pipe(self) -> NoReturn:
        """Whoever read has gone: the program ends as by SIGPIPE, and says nothing."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Interruption(signal.SIGPIPE)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """What stands for the characters that an encoding does not have, one for one, so that columns stay columns."""
    assert isinstance(error, UnicodeEncodeError)
    return "".join(PLAIN.get(character, "?") for character in error.object[error.start : error.end]), error.end


class Board:
    """The live table of steps of one window."""

    def __init__(self, console: Console, title: str) -> None:
        self._title, self._progresses = title, list[Progress]()
        # A log is written once, in the end: nobody sees it move.
        self._live = Live(
            console=console, get_renderable=self._table, refresh_per_second=8, auto_refresh=console.is_terminal
        )

    def __enter__(self) -> Callable[[list[Progress]], None]:
        self._live.start()
        return self._update

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def _update(self, text: list[Progress]) -> None:
        self._progresses = text

    def _table(self) -> RenderableType:
        table = Table(title=self._title, title_justify="left", title_style="bold", box=None, padding=(0, 1))
        for name, side in (("", "left"), ("step", "left"), ("time", "right"), ("what happened", "left")):
            table.add_column(name, justify=side)  # type: ignore[arg-type]
        for each in self._progresses:
            elapsed = each.elapsed_s()
            time = f"{elapsed:.1f} s" if elapsed else ""
            table.add_row(MARKS.get(each.state, " "), each.step.name, time, summary_line(each))
        return table


def summary_line(each: Progress) -> str:
    """One line on what a step did."""
    if each.problem:
        return f"[red]{escape(each.problem.what)}[/]"
    if not each.summary:
        return f"[dim]{each.state}[/]"
    words = {
        "land": _landing_line,
        "refine": _refinement_line,
        "build": _build_line,
        "publish": _publish_line,
        "maintain": _maintenance_line,
        "rollback": _rollback_line,
    }
    return words[each.step.verb](each.summary)


def _rollback_line(summary: Mapping[str, Any]) -> str:
    return f"all tables together, as {summary['lake_state']}"


def _landing_line(summary: Mapping[str, Any]) -> str:
    news = "" if summary["is_changed"] else ", as before"
    records, files = summary["landed_records"], summary["files"]
    text = f"{records:,} records, {summary['bytes'] / 1e6:,.1f} MB in {files:,} files{news}"
    if unproven := summary.get("unproven"):
        text += f"\n[yellow]nothing shows that {unproven:,} of the answers are whole: docs/your-own-sources.md[/]"
    return text + "".join(f"\n[yellow]{escape(warning)}[/]" for warning in summary.get("warnings", ()))


def _refinement_line(summary: Mapping[str, Any]) -> str:
    left_out = summary["quarantined_rows"] + summary["duplicate_records"]
    parts = [f"{summary['silver_rows']:,} rows"]
    if left_out:
        parts.append(f"{summary['quarantined_rows']:,} quarantined, {summary['duplicate_records']:,} duplicates")
    outcomes = summary["rule_outcomes"]
    if outcomes:
        parts.append(f"{sum(outcomes.values())} rules passed" if set(outcomes) == {"Passed"} else str(outcomes))
    if not summary["is_changed"]:
        parts.append("nothing changed")
    return ", ".join(parts)


def _build_line(summary: Mapping[str, Any]) -> str:
    days = " to ".join(dict.fromkeys(summary["days"])) if summary["days"] else "all days"
    warned = "".join(f"\n[yellow]{escape(warning.splitlines()[0])}[/]" for warning in summary["warnings"])
    return f"{len(summary['models'])} models of {days}, {summary['tests_passed']} tests passed{warned}"


def _publish_line(summary: Mapping[str, Any]) -> str:
    return f"{len(summary['tables'])} tables, {sum(summary['tables'].values()):,} rows"


def _maintenance_line(summary: Mapping[str, Any]) -> str:
    rewritten, expired, swept = (summary[name] for name in ("rewritten_files", "expired_snapshots", "swept_files"))
    return f"{rewritten:,} files rewritten, {expired:,} snapshots expired, {swept:,} lost files swept"


def bars(title: str, rows: Sequence[tuple[str, float]]) -> Table:
    """A small bar chart: a name and an amount a row."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, show_header=False, padding=(0, 1))
    most = max((amount for _, amount in rows), default=0)
    for name, amount in rows:
        length = round(BAR_WIDTH * amount / most) if most else 0
        table.add_row(escape(printable(name)), f"[cyan]{'█' * length}[/]", Text(f"{amount:,.2f}", justify="right"))
    return table


def grid(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> Table:
    """A table of values as they are."""
    table = Table(title=title or None, title_justify="left", title_style="bold", box=None, padding=(0, 1))
    for number, column in enumerate(columns):
        is_number = any(isinstance(row[number], int | float) for row in rows)
        table.add_column(escape(printable(column)), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(printable(_text(value))) for value in row))  # before widths are measured
    return table


def _text(value: object) -> str:
    if value is None:
        return ""
    return (
        f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**12 else str(value)
    )


def trouble(error: Exception, *, is_framed: bool = True) -> RenderableType:
    """One paragraph: what, where, the value, what to do, and what is untouched."""
    body = _account(error)
    return Panel(body, title="[red]stopped[/]", title_align="left", border_style="red") if is_framed else body


def _account(error: Exception) -> RenderableType:
    problem, step = (error.problem, error.step.name) if isinstance(error, StepFailedError) else (error, None)
    if not isinstance(problem, Problem):
        return Text(str(problem))
    lines = [
        ("What", problem.what),
        ("Where", f"{step}: {problem.where}" if step else problem.where),
        ("Value", problem.value),
        ("Do", problem.way_out),
        ("Untouched", problem.untouched),
    ]
    return Group(*(Text.assemble((f"{name:<10}", "bold"), text) for name, text in lines))
