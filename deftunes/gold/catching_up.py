"""Catching up: which days gold must be built of again.

Gold was built of some snapshot of silver.sessions; the tag `gold` names it. Every commit since then says its days
(`deftunes.window`), so a build covers what an earlier run refined and did not get to build. A rollback takes the tag
away: what is to be built then is all of history.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

TAG = "gold"
DAYS = "deftunes.window"

Span = tuple[date, date]


@dataclass(frozen=True)
class Commit:
    """One snapshot of silver.sessions. `days`: what it says of the days it replaced, as first/last,first/last."""

    snapshot_id: int
    parent_id: int | None
    operation: str
    days: str | None


def days_to_build(window: Span, commits: Iterable[Commit], current: int | None, built: int | None) -> Span | None:
    """The window and all days that changed since gold was built; None: all of history, when that is not known.

    `current` is the snapshot to build of, `built` the one that gold was built of, none if it never was.
    """
    changed = days_between(commits, current, built)
    if changed is None:
        return None
    return min(first for first, _ in [window, *changed]), max(last for _, last in [window, *changed])


def days_between(commits: Iterable[Commit], later: int | None, earlier: int | None) -> list[Span] | None:
    """The spans of days that commits after the earlier snapshot up to the later one replaced.

    None if the later does not come of the earlier, or a commit does not say its days.
    """
    known, spans, at = {each.snapshot_id: each for each in commits}, list[Span](), later
    while at != earlier:
        commit = known.get(at) if at is not None else None
        days = _days(commit) if commit else None
        if commit is None or days is None:
            return None
        spans += days
        at = commit.parent_id
    return spans if earlier is not None else None


def _days(commit: Commit) -> list[Span] | None:
    """The spans of days a commit replaced: none for a compaction, None if it does not say."""
    if commit.operation == "replace":
        return []
    if commit.days is None:
        return None
    spans = [span.split("/") for span in commit.days.split(",")]
    return [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in spans]
