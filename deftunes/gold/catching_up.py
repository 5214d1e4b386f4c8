"""Catching up: which days gold must be built of again.

Gold was built of some snapshot of silver.sessions; the tag `gold` names it. Every commit since then says its days
(`deftunes.window`), so a build covers what an earlier run refined and did not get to build.
"""

from datetime import date

from pyiceberg.catalog import Catalog
from pyiceberg.table import Table
from pyiceberg.table.snapshots import Snapshot

TAG = "gold"
DAYS = "deftunes.window"


class SilverSessions:
    """The snapshots of silver.sessions, by the catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._table: Table = catalog.load_table("deftunes_silver.sessions")

    def snapshot_id(self) -> int | None:
        """The snapshot main stands at."""
        current = self._table.current_snapshot()
        return current.snapshot_id if current else None

    def days_to_build(self, window: tuple[date, date]) -> tuple[date, date] | None:
        """The window and all days that changed since gold was built; None: all of history, when that is not known."""
        tag = self._table.metadata.refs.get(TAG)
        if tag is None:
            return None
        spans = [window]
        for snapshot in self._since(tag.snapshot_id):
            days = _days(snapshot)
            if days is None:
                return None
            spans += days
        return min(first for first, _ in spans), max(last for _, last in spans)

    def mark_built(self, snapshot_id: int) -> None:
        """Gold is built of this snapshot."""
        tag = self._table.metadata.refs.get(TAG)
        if tag is not None and tag.snapshot_id == snapshot_id:
            return
        with self._table.manage_snapshots() as change:
            if tag is not None:
                change.remove_tag(TAG)
            change.create_tag(snapshot_id, TAG)

    def _since(self, snapshot_id: int) -> list[Snapshot | None]:
        """Snapshots of main after the given one, newest first; ends with None if that is not among them."""
        found: list[Snapshot | None] = []
        current = self._table.current_snapshot()
        while current is not None and current.snapshot_id != snapshot_id:
            found.append(current)
            parent = current.parent_snapshot_id
            current = self._table.snapshot_by_id(parent) if parent is not None else None
        return found if current is not None else [*found, None]


def _days(snapshot: Snapshot | None) -> list[tuple[date, date]] | None:
    """The spans of days a commit replaced: none for a compaction, None if it does not say."""
    if snapshot is None or snapshot.summary is None:
        return None
    if snapshot.summary.operation.value == "replace":
        return []
    said = snapshot.summary.additional_properties.get(DAYS)
    if said is None:
        return None
    spans = [span.split("/") for span in said.split(",")]
    return [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in spans]
