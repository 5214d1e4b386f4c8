"""The silver tables as the catalog has them: their states, what gold is built of, and how SQL reads one of them."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from pyiceberg.catalog import Catalog
from pyiceberg.table import Table

from deftunes.gold.catching_up import DAYS, TAG, Commit, Span, days_to_build
from spark_jobs.problem import Problem
from spark_jobs.silver import CLOSING, TABLES
from spark_jobs.state_names import HALF_DONE, NAME, ROLLBACK, closed_at, half_done_problem, state_names

NAMESPACE = "deftunes_silver"
SIDE_BY_SIDE = 8
UNTOUCHED = "Nothing was changed."


@dataclass(frozen=True)
class State:
    """What the silver tables were together: a snapshot by table, quarantine included. No name: what main holds now."""

    name: str
    snapshots: Mapping[str, int]

    @property
    def closed_at(self) -> datetime:
        """When, UTC, to the second. Of a state that has a name."""
        return closed_at(self.name)

    @property
    def is_rollback(self) -> bool:
        """Whether a rollback made it."""
        return self.name.endswith(ROLLBACK)


class SilverTables:
    """All silver tables that there are, loaded once: a later change of the lake does not show."""

    def __init__(self, catalog: Catalog) -> None:
        there = {name for _, name in catalog.list_tables(NAMESPACE)} if catalog.namespace_exists(NAMESPACE) else set()
        wanted = [name for table in TABLES for name in (table, f"quarantine_{table}") if name in there]
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            loaded = pool.map(lambda name: catalog.load_table(f"{NAMESPACE}.{name}"), wanted)
            self.tables: dict[str, Table] = dict(zip(wanted, loaded, strict=True))

    def states(self) -> list[State]:
        """All states, newest first."""
        if CLOSING not in self.tables:
            return []
        return [State(name, self._snapshots_of_tag(name)) for name in state_names(self.tables[CLOSING].metadata.refs)]

    def main(self) -> State:
        """What main holds now, of tables that hold anything; it has a name if it is one of the states."""
        current = {name: table.current_snapshot() for name, table in self.tables.items()}
        snapshots = {name: snapshot.snapshot_id for name, snapshot in current.items() if snapshot is not None}
        return next((state for state in self.states() if state.snapshots == snapshots), State("", snapshots))

    def newest(self) -> State:
        """The newest state; what main holds on a lake that has none yet."""
        return next(iter(self.states()), None) or self.main()

    def gold(self) -> State | None:
        """What gold was built of, by the tables that have its tag; None if that is not known."""
        if CLOSING not in self.tables or TAG not in self.tables[CLOSING].metadata.refs:
            return None
        tagged = self._snapshots_of_tag(TAG)
        states = (state for state in self.states() if tagged.items() <= state.snapshots.items())
        return next(states, State("", tagged))

    def days_to_build(self, state: State, window: Span) -> Span | None:
        """The window and all days that changed between what gold was built of and the state; None: all of history."""
        closing = self.tables.get(CLOSING)
        tag = closing.metadata.refs.get(TAG) if closing is not None else None
        return days_to_build(window, self.commits(), state.snapshots.get(CLOSING), tag.snapshot_id if tag else None)

    def commits(self) -> list[Commit]:
        """The snapshots of CLOSING that there are."""
        snapshots = self.tables[CLOSING].metadata.snapshots if CLOSING in self.tables else []
        return [
            Commit(
                each.snapshot_id,
                each.parent_snapshot_id,
                each.summary.operation.value if each.summary else "",
                each.summary.additional_properties.get(DAYS) if each.summary else None,
            )
            for each in snapshots
        ]

    def mark_built(self, state: State) -> None:
        """Gold is built of this state: the tag `gold`, on CLOSING last, for catching up goes by that one."""
        for name in sorted(state.snapshots, key=lambda name: name == CLOSING):
            table, snapshot_id = self.tables[name], state.snapshots[name]
            tag = table.metadata.refs.get(TAG)
            if tag is not None and tag.snapshot_id == snapshot_id:
                continue
            with table.manage_snapshots() as change:
                change.create_tag(snapshot_id, TAG)

    def require_whole(self) -> None:
        """Raises Problem while a rollback is half done."""
        if wanted := self.half_done():
            raise half_done_problem(wanted)

    def half_done(self) -> str | None:
        """The state that a rollback is on its way to; None if none is."""
        return self.tables[CLOSING].properties.get(HALF_DONE) if CLOSING in self.tables else None

    def find(self, text: str) -> State:
        """The state of that name, `latest`, or the newest one closed at or before a time (ISO, UTC unless it says).

        Raises Problem if there is none.
        """
        states = self.states()
        if text == "latest" and states:
            return states[0]
        named = next((state for state in states if state.name == text), None)
        if named is not None:
            return named
        moment = None if NAME.fullmatch(text) else _time(text)
        before = [state for state in states if moment is not None and state.closed_at <= moment]
        if before:
            return before[0]
        known = f"the oldest is {states[-1].name}" if states else "there is none yet"
        raise Problem(
            "There is no such state" if moment is None else "No state is as old as that",
            "states of the lake",
            text,
            f"give the name of a state, `latest` or a time such as 2020-01-31T12:00 (UTC); {known}: make history",
            UNTOUCHED,
        )

    def readings(self, state: State) -> dict[str, str]:
        """By table, the SQL that reads it as it was in the state, with `{relation}` where the table's name belongs."""
        return {name: self.reading(name, snapshot_id) for name, snapshot_id in state.snapshots.items()}

    def reading(self, name: str, snapshot_id: int) -> str:
        """The SQL by which DuckDB reads a table as of a snapshot, in the columns of today."""
        at, columns = f"{{relation}} at (version => {snapshot_id})", self.columns_of_then(name, snapshot_id)
        if columns is None:
            return at
        return f"(select {columns} from {at} union all by name (select * from {{relation}} limit 0))"  # noqa: S608  our names

    def columns_of_then(self, name: str, snapshot_id: int) -> str | None:
        """What to select of a snapshot, which is read in the columns of its time, so that they have today's names.

        Columns that were dropped since are left out; those that came since must be added. None: they are today's.
        """
        table = self.tables[name]
        snapshot = table.snapshot_by_id(snapshot_id)
        schema_id = snapshot.schema_id if snapshot is not None else None
        if schema_id is None or schema_id == table.metadata.current_schema_id:
            return None
        today = {
            field.name: table.schema().find_column_name(field.field_id) for field in table.schemas()[schema_id].fields
        }
        names = ", ".join(f'"{name}" as "{new}"' for name, new in today.items() if new not in (None, name))
        dropped = ", ".join(f'"{name}"' for name, new in today.items() if new is None)
        return f"*{f' exclude ({dropped})' if dropped else ''}{f' rename ({names})' if names else ''}"

    def row_count(self, name: str, snapshot_id: int) -> int | None:
        """Rows of the table at a snapshot; None if that does not say."""
        snapshot = self.tables[name].snapshot_by_id(snapshot_id)
        if snapshot is None or snapshot.summary is None:
            return None
        rows = snapshot.summary.additional_properties.get("total-records")
        return int(rows) if rows is not None else None

    def _snapshots_of_tag(self, name: str) -> dict[str, int]:
        found = {key: table.metadata.refs.get(name) for key, table in self.tables.items()}
        return {key: ref.snapshot_id for key, ref in found.items() if ref is not None}


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
