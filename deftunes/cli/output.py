"""What verbs print: lines for a person, or one JSON document for a machine."""

from collections.abc import Callable
from typing import Any

from deftunes.cli import screen
from deftunes.cli.json_text import json_text
from deftunes.run.runner import Progress

console = screen.Screen()


def show(act: Callable[..., list[Progress]], title: str, as_json: bool) -> list[Progress]:
    """Runs the act under a board of its steps; for a machine, without one."""
    if as_json:
        return act(ignore)
    with screen.Board(console, title) as progress:
        return act(progress)


def ignore(_: object) -> None:
    """Takes a progress that nobody is shown."""


def print_json(value: Any) -> None:
    console.write(json_text(value))
