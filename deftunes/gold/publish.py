"""Publish: the schemas gold and bi of the warehouse, in a file of their own that replaces the served one. Tables stand
in it without the columns that say who somebody is or where they live, views are made anew over them.

Dashboards hold the served file open read-only. They go on reading the file they opened; whoever opens it next gets
the new one, whole. Nobody meets a lock or half of a build.

The new file is the one that was served before the last (the spare), brought up to date: of a table that is replaced by
window, the days of the builds since are copied, of others what is not equal. Without a spare that can be used, it is a
copy of everything. The order, and what a crash after each step leaves:

1. the spare is renamed to `.new`: there is no spare, and the next publishing copies everything;
2. `.new` is brought up to date and flushed: the same, for a `.new` that is found is removed;
3. the served file gets a second name, `.spare`: the next publishing takes what is still served away from nobody, for it
   renames the second name only, and DuckDB's lock shows it whether somebody has the file open;
4. `.new` is renamed over the served file: it is published.

tests/integration/test_gold_publish.py stops it at each.
"""

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from deftunes.gold.warehouse_file import is_damage
from deftunes.system.machine import duckdb_memory

SCHEMAS = ("gold", "bi")
WITHHELD = ("name", "location")  # values of `meta: personal`; an `identifier` stays: facts are counted and joined by it
# Which build of the warehouse a served file holds, and which columns it was never given.
STATE = "main.published_build"

Table = tuple[str, str]  # schema, name


class PublishError(Exception):
    """Nothing was published, the served file is as it was. `path` is the file that was the trouble."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        super().__init__(f"{path}: {reason}")


class SpareError(Exception):
    """The spare cannot be brought up to date: everything has to be copied."""


@dataclass(frozen=True)
class Models:
    """What dbt's manifest says of the models. `withheld`: "schema.table.column" of each column that is not published;
    `event_times`: by "schema.table", the column by whose days a table is replaced."""

    withheld: frozenset[str] = frozenset()
    event_times: Mapping[str, str] = field(default_factory=dict)


def published_models(manifest_path: Path) -> Models:
    """What dbt's manifest of the build says of the models.

    Raises PublishError when the manifest cannot be read: then nobody knows what must not be shown.
    """
    try:
        nodes = json.loads(manifest_path.read_text(encoding="utf-8"))["nodes"].values()
    except (OSError, ValueError, KeyError) as error:
        way_out = "build gold first: run the same window again"
        raise PublishError(
            manifest_path, f"says which columns are personal and cannot be read: {error}; {way_out}"
        ) from error
    models = [node for node in nodes if node["resource_type"] == "model"]
    withheld = frozenset(
        f"{node['schema']}.{node['alias']}.{column['name']}"
        for node in models
        for column in node["columns"].values()
        if column["meta"].get("personal") in WITHHELD
    )
    event_times = {
        f"{node['schema']}.{node['alias']}": str(node["config"]["event_time"])
        for node in models
        if node["config"].get("incremental_strategy") == "replace_window"
    }
    return Models(withheld, event_times)


def publish(warehouse_path: Path, serving_path: Path, models: Models) -> dict[str, int]:
    """Replace `serving_path` by the gold and bi tables of `warehouse_path`; rows by "schema.table".

    Raises PublishError when the warehouse is missing, in use by a writer or empty, when a view needs a withheld column,
    or the disk is full.
    """
    if not warehouse_path.is_file():
        raise PublishError(warehouse_path, "there is no such warehouse: build gold first")
    serving_path.parent.mkdir(parents=True, exist_ok=True)
    new_path = serving_path.with_name(serving_path.name + ".new")
    spare_path = serving_path.with_name(serving_path.name + ".spare")
    _remove(new_path)
    try:
        rows = _from_spare(warehouse_path, new_path, spare_path, models)
        if rows is None:
            rows = _write(warehouse_path, new_path, models)
        _flush(new_path)
        _keep_spare(serving_path, spare_path)
        os.replace(new_path, serving_path)
        _flush(serving_path.parent)
    except (duckdb.Error, OSError) as error:
        if is_damage(str(error)):
            way_out = f"remove it (rm '{warehouse_path}'), then run again: gold is built anew of all of silver"
            raise PublishError(warehouse_path, f"is damaged: {error}. {way_out}") from error
        raise PublishError(new_path, f"could not be written from {warehouse_path}: {error}") from error
    finally:
        _remove(new_path)
    return rows


def _from_spare(warehouse_path: Path, new_path: Path, spare_path: Path, models: Models) -> dict[str, int] | None:
    """Makes the spare the new file, brought up to date; None if it cannot be."""
    if not spare_path.exists():
        return None
    os.replace(spare_path, new_path)
    try:
        return _write(warehouse_path, new_path, models)
    except (SpareError, duckdb.Error):  # what is wrong with the warehouse is met again, and said, by the copy
        _remove(new_path)
        return None


def _keep_spare(serving_path: Path, spare_path: Path) -> None:
    """Gives the served file a second name, where the file system knows such."""
    spare_path.unlink(missing_ok=True)
    if serving_path.exists():
        with suppress(OSError):
            os.link(serving_path, spare_path)


def _write(warehouse_path: Path, new_path: Path, models: Models) -> dict[str, int]:
    """Brings a file up to date with the warehouse, or makes it. Raises SpareError."""
    is_new = not new_path.exists()
    with duckdb.connect() as connection:
        connection.execute(f"set memory_limit = '{duckdb_memory()}'; set preserve_insertion_order = false")
        connection.execute(f"set temp_directory = {_quote(new_path.with_name(new_path.name + '.tmp'))}")
        connection.execute(f"attach {_quote(warehouse_path)} as warehouse (read_only)")
        connection.execute(f"attach {_quote(new_path)} as serving (storage_version 'v1.5.0')")
        tables = _tables(connection, "warehouse")
        if not tables:
            raise PublishError(warehouse_path, f"holds no table in {' or '.join(SCHEMAS)}: build gold first")
        days = None if is_new else _days_since(connection, models)
        connection.execute("begin")
        for schema in SCHEMAS:
            connection.execute(f"create schema if not exists serving.{schema}")
        _drop_what_is_gone(connection, tables)
        rows = {f"{schema}.{name}": _copy(connection, (schema, name), models, days) for schema, name in tables}
        _record_state(connection, models)
        connection.execute("commit")
        try:
            _make_views(connection, warehouse_path.stem)
        except duckdb.BinderException as error:
            way_out = "take the column out of the view, or the tag out of the model if it is about nobody"
            raise PublishError(
                warehouse_path,
                f"a view names a column that is not published, for its tag is personal: {error}; {way_out}",
            ) from error
        connection.execute("detach serving")  # writes what is still in the log file into the database file
    return rows


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[Table]:
    return connection.execute(
        "select schema_name, table_name from duckdb_tables()"
        " where database_name = ? and list_contains(?, schema_name) order by all",
        [database, list(SCHEMAS)],
    ).fetchall()


def _days_since(connection: duckdb.DuckDBPyConnection, models: Models) -> list[tuple[object, object]]:
    """Spans of days, the second day not included, of the builds that the spare does not hold. Raises SpareError."""
    state = connection.execute(f"select build, withheld from serving.{STATE}").fetchall()  # noqa: S608
    if len(state) != 1 or state[0][1] != sorted(models.withheld):
        raise SpareError("the spare has columns that are now withheld")
    builds = connection.execute(
        "select first_day, day_after from warehouse.main.built_days where number >"
        " (select number from warehouse.main.built_days where build = ?)"
        " union all select null, null where not exists (from warehouse.main.built_days where build = ?)",
        [state[0][0], state[0][0]],
    ).fetchall()
    if any(first is None for first, _ in builds):
        raise SpareError("the spare is of another warehouse, or of before a build of all of silver")
    return builds


def _record_state(connection: duckdb.DuckDBPyConnection, models: Models) -> None:
    """Which build the file holds now. A warehouse that keeps no list of builds makes no spare."""
    connection.execute(f"create or replace table serving.{STATE} (build uuid, withheld varchar[])")
    if _exists(connection, "warehouse", ("main", "built_days")):
        connection.execute(
            f"insert into serving.{STATE} select arg_max(build, number), ? from warehouse.main.built_days",  # noqa: S608
            [sorted(models.withheld)],
        )


def _exists(connection: duckdb.DuckDBPyConnection, database: str, table: Table) -> bool:
    return bool(_columns(connection, database, table))


def _columns(connection: duckdb.DuckDBPyConnection, database: str, table: Table) -> list[tuple[str, str]]:
    """Name and type of each column; none if there is no such table."""
    return connection.execute(
        "select column_name, data_type from duckdb_columns()"
        " where (database_name, schema_name, table_name) = (?, ?, ?) order by column_index",
        [database, *table],
    ).fetchall()


def _drop_what_is_gone(connection: duckdb.DuckDBPyConnection, tables: list[Table]) -> None:
    for schema, name in connection.execute(
        "select schema_name, view_name from duckdb_views()"
        " where database_name = 'serving' and list_contains(?, schema_name)",
        [list(SCHEMAS)],
    ).fetchall():
        connection.execute(f'drop view serving."{schema}"."{name}"')
    for schema, name in set(_tables(connection, "serving")) - set(tables):
        connection.execute(f'drop table serving."{schema}"."{name}"')


def _copy(
    connection: duckdb.DuckDBPyConnection, table: Table, models: Models, days: list[tuple[object, object]] | None
) -> int:
    """Makes a table of the file equal to the warehouse's, without its withheld columns; its rows. Raises SpareError."""
    schema, name = table
    hidden = {each.lower() for each in models.withheld}
    columns = [
        each for each in _columns(connection, "warehouse", table) if f"{schema}.{name}.{each[0]}".lower() not in hidden
    ]
    shown = ", ".join(f'"{column}"' for column, _ in columns)
    read, written = f'select {shown} from warehouse."{schema}"."{name}"', f'serving."{schema}"."{name}"'  # noqa: S608
    [(rows,)] = connection.execute(f'select count(*) from warehouse."{schema}"."{name}"').fetchall()  # noqa: S608
    event_time = models.event_times.get(f"{schema}.{name}")
    if days is None or _columns(connection, "serving", table) != columns:
        connection.execute(f"create or replace table {written} as {read}")
    elif event_time:
        for first_day, day_after in days:
            in_days = f'where "{event_time}" >= ? and "{event_time}" < ?'
            connection.execute(f"delete from {written} {in_days}", [first_day, day_after])  # noqa: S608
            connection.execute(f"insert into {written} {read} {in_days}", [first_day, day_after])
        [(present,)] = connection.execute(f"select count(*) from {written}").fetchall()  # noqa: S608
        if present != rows:
            raise SpareError(f"{schema}.{name} has {rows} rows, and by the days of the builds {present}")
    elif not _is_equal(connection, read, written):
        connection.execute(f"create or replace table {written} as {read}")
    return int(rows)


def _is_equal(connection: duckdb.DuckDBPyConnection, read: str, written: str) -> bool:
    """Whether a table holds just the rows of a query, which a day mostly leaves those of the catalogue as they are."""
    different = f"(({read}) except all (from {written})) union all ((from {written}) except all ({read}))"
    return not connection.execute(f"select 1 from ({different}) limit 1").fetchall()  # noqa: S608


def _make_views(connection: duckdb.DuckDBPyConnection, database: str) -> None:
    """The same views in the served file. In dbt's file each of their tables is named with that file's database."""
    views = connection.execute(
        "select sql from duckdb_views() where database_name = 'warehouse' and list_contains(?, schema_name)",
        [list(SCHEMAS)],
    ).fetchall()
    connection.execute("use serving")
    connection.execute("detach warehouse")  # so that a view which still names it cannot be made
    for (sql,) in views:
        connection.execute(re.sub(rf"\b(FROM|JOIN) {re.escape(database)}\.", r"\1 ", sql))
    connection.execute("use memory")


def _quote(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _flush(path: Path) -> None:
    """Until the disk has it: a crash after the swap must not leave an empty file under the served name."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(new_path: Path) -> None:
    new_path.unlink(missing_ok=True)
    new_path.with_name(new_path.name + ".wal").unlink(missing_ok=True)
