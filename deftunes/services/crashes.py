"""Ends of services that nobody asked for, read from supervisord's own log."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deftunes.services import supervision

ENDED = re.compile(r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) \w+ exited: (?P<name>\w+) \((?P<how>.*); \w[\w ]*\)")


@dataclass(frozen=True)
class Crash:
    """at: when, UTC. how: "exit status 1" or "terminated by SIGKILL"."""

    name: str
    at: datetime
    how: str
    log: Path


def since(root: Path, moment: datetime) -> list[Crash]:
    """Services that ended unasked after `moment` (with a zone); supervisord has started each again, if it could."""
    return [crash for crash in all_crashes(root) if crash.at >= moment]


def last_of(root: Path, name: str) -> Crash | None:
    return next((crash for crash in reversed(all_crashes(root)) if crash.name == name), None)


def all_crashes(root: Path) -> list[Crash]:
    """All crashes in the current supervisord.log, oldest first."""
    path = supervision.log_file(root, "supervisord")
    text = path.read_text(errors="replace") if path.exists() else ""
    return [
        Crash(match["name"], utc(match["at"]), match["how"], supervision.log_file(root, match["name"]))
        for match in ENDED.finditer(text)
        if match["name"] != "spark"  # it goes when it has no work; a run that loses it says so
    ]


def utc(text: str) -> datetime:
    """supervisord writes its local time, which is UTC (program_environment.py), with milliseconds after a comma."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S,%f").replace(tzinfo=UTC)
