"""Catching up: which days gold must be built of again.

Gold was built of some snapshot of silver.sessions; the tag `gold` names it. Every commit since then says its days
(`deftunes.window`), so a build covers what an earlier run refined and did not get to build.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table
    from pyiceberg.table.snapshots import Snapshot

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

    `current` is the snapshot main stands at, `built` the one that gold was built of, none if it never was.
    """
    if built is None:
        return None
    known, spans, at = {each.snapshot_id: each for each in commits}, [window], current
    while at != built:
        commit = known.get(at) if at is not None else None
        days = _days(commit) if commit else None
        if commit is None or days is None:
            return None
        spans += days
        at = commit.parent_id
    return min(first for first, _ in spans), max(last for _, last in spans)


class SilverSessions:
    """The snapshots of silver.sessions, by the catalog."""

    def __init__(self, catalog: "Catalog") -> None:
        self._table: Table = catalog.load_table("deftunes_silver.sessions")

    def snapshot_id(self) -> int | None:
        """The snapshot main stands at."""
        current = self._table.current_snapshot()
        return current.snapshot_id if current else None

    def days_to_build(self, window: Span) -> Span | None:
        """See the function of this name."""
        tag = self._table.metadata.refs.get(TAG)
        commits = [_commit(each) for each in self._table.metadata.snapshots]
        return days_to_build(window, commits, self.snapshot_id(), tag.snapshot_id if tag else None)

    def mark_built(self, snapshot_id: int) -> None:
        """Gold is built of this snapshot."""
        tag = self._table.metadata.refs.get(TAG)
        if tag is not None and tag.snapshot_id == snapshot_id:
            return
        with self._table.manage_snapshots() as change:
            if tag is not None:
                change.remove_tag(TAG)
            change.create_tag(snapshot_id, TAG)


def _commit(snapshot: "Snapshot") -> Commit:
    summary = snapshot.summary
    operation = summary.operation.value if summary else ""
    days = summary.additional_properties.get(DAYS) if summary else None
    return Commit(snapshot.snapshot_id, snapshot.parent_snapshot_id, operation, days)


def _days(commit: Commit) -> list[Span] | None:
    """The spans of days a commit replaced: none for a compaction, None if it does not say."""
    if commit.operation == "replace":
        return []
    if commit.days is None:
        return None
    spans = [span.split("/") for span in commit.days.split(",")]
    return [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in spans]
