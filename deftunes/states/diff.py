"""The difference of two states: rows added, changed and removed of each table, and what was sold in either."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from deftunes.lake import queries
from deftunes.lake.catalog import open_catalog
from deftunes.states.silver import NAMESPACE, SilverTables, State
from deftunes.target import Target
from spark_jobs.silver import CLOSING, TABLES

SAMPLES = 5  # keys shown of each kind


def diff(target: Target, root: Path, earlier: str, later: str, only: str | None = None) -> dict[str, Any]:
    """What differs from one state to the other; each given by name, `latest` or a time. `only`: this table alone.

    By table: rows added, changed and removed, the same by day, and the first keys of each. A column that one of the
    states does not have is null there. Raises Problem if there is no such state.
    """
    silver = SilverTables(open_catalog(target))
    first, second = silver.find(earlier), silver.find(later)
    with _sides(target, root, silver) as sides:
        tables = {name: sides.table(name, first, second) for name in TABLES if only is None or name == only}
        sales = sides.sales(first, second)
    return {"earlier": first.name, "later": second.name, "tables": tables, "sales": sales}


class Sides:
    """Reads two states beside each other in DuckDB, which reads the lake itself."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, silver: SilverTables) -> None:
        self._connection, self._silver = connection, silver

    def table(self, name: str, first: State, second: State) -> dict[str, Any]:
        """What differs of one table."""
        if first.snapshots.get(name) == second.snapshots.get(name):
            return {"added": 0, "changed": 0, "removed": 0, "by_day": [], "keys": {}}
        self._compare(name, first, second)
        by_day = self._rows(
            "select day, count(*) filter (kind = 'added') as added, count(*) filter (kind = 'changed') as changed, "
            "count(*) filter (kind = 'removed') as removed from compared group by day order by day"
        )
        key = " || '#' || ".join(f"cast({column} as varchar)" for column in TABLES[name].key)
        keys = self._rows(
            f"select kind, list(key order by key)[1:{SAMPLES}] as keys "  # noqa: S608  our names
            f"from (select kind, {key} as key from compared) group by kind order by kind"
        )
        totals = {kind: sum(day[kind] for day in by_day) for kind in ("added", "changed", "removed")}
        return {**totals, "by_day": by_day, "keys": {each["kind"]: each["keys"] for each in keys}}

    def sales(self, first: State, second: State) -> list[dict[str, Any]]:
        """By month and currency: items sold and their prices in either state, and in gold as it is published now."""

        def sums(relation: str, side: str) -> str:
            return (
                f"select date_trunc('month', session_start_time::timestamp)::date as month, currency, "  # noqa: S608
                f"count(*) as {side}_items, sum(price) as {side}_sales from {relation} group by all"
            )

        found = self._rows("select * from duckdb_tables() where (schema_name, table_name) = ('gold', 'fact_session')")
        gold = "gold.fact_session" if found else f"(select * from {self.relation(CLOSING, second)} limit 0)"  # noqa: S608
        return self._rows(
            f"from ({sums(self.relation(CLOSING, first), 'earlier')}) "
            f"full join ({sums(self.relation(CLOSING, second), 'later')}) using (month, currency) "
            f"full join ({sums(gold, 'gold')}) using (month, currency) order by month, currency"
        )

    def relation(self, name: str, state: State) -> str:
        """The SQL that reads the table in the state; nothing of a table that was made later."""
        table = f"lake.{NAMESPACE}.{name}"
        if name not in state.snapshots:
            return f"(select * from {table} limit 0)"  # noqa: S608  our names
        return self._silver.reading(name, state.snapshots[name]).format(relation=table)

    def _compare(self, name: str, first: State, second: State) -> None:
        """The temporary table `compared`: the key, day and kind of every row that is not the same on both sides."""
        keys, day = ", ".join(TABLES[name].key), f"cast({TABLES[name].time_column or 'ingest_on'} as date)"
        columns = ", ".join(f'"{field.name}"' for field in self._silver.tables[name].schema().fields)

        def side(state: State, letter: str) -> str:
            relation = self.relation(name, state)
            return f"(select {keys}, {day} as {letter}_day, row({columns}) as {letter} from {relation})"  # noqa: S608

        self._connection.execute(
            f"""create or replace temp table compared as
            select {keys}, coalesce(b_day, a_day) as day,
              case when a is null then 'added' when b is null then 'removed' else 'changed' end as kind
            from {side(first, "a")} full join {side(second, "b")} using ({keys})
            where a is distinct from b"""  # noqa: S608  our names
        )

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        answer = self._connection.execute(sql)
        names = [column[0] for column in answer.description or []]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


class LoadedSides(Sides):
    """The same where DuckDB cannot ask the catalog, as Glue's: pyiceberg reads the tables, into memory."""

    def relation(self, name: str, state: State) -> str:
        table, snapshot_id = self._silver.tables[name], state.snapshots.get(name)
        self._connection.register(f"{name}_today", table.schema().as_arrow().empty_table())
        if snapshot_id is None:
            return f"{name}_today"
        columns = self._silver.columns_of_then(name, snapshot_id) or "*"
        self._connection.register(f"{name}_{snapshot_id}", table.scan(snapshot_id=snapshot_id).to_arrow())
        return f"(select {columns} from {name}_{snapshot_id} union all by name (select * from {name}_today))"  # noqa: S608


@contextmanager
def _sides(target: Target, root: Path, silver: SilverTables) -> Iterator[Sides]:
    if target["DBT_TARGET"] == "aws":
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            yield LoadedSides(connection, silver)
    else:
        with queries.connect(target, root, with_lake=True) as connection:
            yield Sides(connection, silver)
