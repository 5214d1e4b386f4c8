"""When tables are due for maintenance: by the snapshots that nothing names."""

from types import SimpleNamespace
from typing import Any

from pyiceberg.exceptions import NoSuchTableError

from deftunes.lake.maintenance import MOST_SNAPSHOTS, due_tables


class Catalog:
    """Tables by name: how many snapshots each has, and how many of them a tag names."""

    def __init__(self, **tables: tuple[int, int]) -> None:
        self._tables = tables

    def load_table(self, name: str) -> Any:
        if name.rpartition(".")[2] not in self._tables:
            raise NoSuchTableError(name)
        count, named = self._tables[name.rpartition(".")[2]]
        snapshots = [SimpleNamespace(snapshot_id=number) for number in range(count)]
        refs = {f"state_{number}": SimpleNamespace(snapshot_id=number) for number in range(named)}
        return SimpleNamespace(metadata=SimpleNamespace(snapshots=snapshots, refs=refs))


def due(**tables: tuple[int, int]) -> list[str]:
    return due_tables(Catalog(**tables), ["songs", "users", "sessions", "ops"])  # type: ignore[arg-type]


def test_table_is_due_with_more_snapshots_than_are_kept_and_brings_its_quarantine() -> None:
    assert due(songs=(MOST_SNAPSHOTS, 0), users=(MOST_SNAPSHOTS + 1, 0)) == ["users"]
    assert due(sessions=(1, 0), quarantine_sessions=(MOST_SNAPSHOTS + 1, 0)) == ["sessions"]


def test_tables_of_runs_are_due_together() -> None:
    assert due(runs=(1, 0), rule_outcomes=(MOST_SNAPSHOTS + 1, 0)) == ["ops"]


def test_snapshots_that_tags_keep_make_nothing_due_since_maintenance_could_not_expire_them() -> None:
    assert due(sessions=(MOST_SNAPSHOTS + 40, 40)) == []


def test_nothing_is_due_in_a_lake_without_tables() -> None:
    assert due() == []
