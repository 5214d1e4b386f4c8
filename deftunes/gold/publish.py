"""Publish: the schemas gold and bi of the warehouse, copied to a file of their own that replaces the served one.
Tables are copied without the columns that say who somebody is or where they live, views are made anew over the copies.

Dashboards hold the served file open read-only. They go on reading the file they opened; whoever opens it next gets
the new one, whole. Nobody meets a lock or half of a build.
"""

import json
import os
import re
from collections.abc import Collection
from pathlib import Path

import duckdb

from deftunes.gold.warehouse_file import is_damage

SCHEMAS = ("gold", "bi")
WITHHELD = ("name", "location")  # values of `meta: personal`; an `identifier` stays: facts are counted and joined by it


class PublishError(Exception):
    """Nothing was published, the served file is as it was. `path` is the file that was the trouble."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        super().__init__(f"{path}: {reason}")


def personal_columns(manifest_path: Path) -> set[str]:
    """ "schema.table.column" of every column whose model tags it as one of WITHHELD, by dbt's manifest of the build.

    Raises PublishError when the manifest cannot be read: then nobody knows what must not be shown.
    """
    try:
        nodes = json.loads(manifest_path.read_text(encoding="utf-8"))["nodes"].values()
    except (OSError, ValueError, KeyError) as error:
        way_out = "build gold first: run the same window again"
        raise PublishError(
            manifest_path, f"says which columns are personal and cannot be read: {error}; {way_out}"
        ) from error
    return {
        f"{node['schema']}.{node['alias']}.{column['name']}"
        for node in nodes
        if node["resource_type"] == "model"
        for column in node["columns"].values()
        if column["meta"].get("personal") in WITHHELD
    }


def publish(warehouse_path: Path, serving_path: Path, withheld: Collection[str]) -> dict[str, int]:
    """Replace `serving_path` by the gold and bi tables of `warehouse_path`; rows by "schema.table".

    `withheld`: columns that are not copied, as `personal_columns` gives them. Raises PublishError when the warehouse is
    missing, in use by a writer or empty, when a view needs a withheld column, or the disk is full.
    """
    if not warehouse_path.is_file():
        raise PublishError(warehouse_path, "there is no such warehouse: build gold first")
    serving_path.parent.mkdir(parents=True, exist_ok=True)
    new_path = serving_path.with_name(serving_path.name + ".new")
    _remove(new_path)
    try:
        rows = _copy(warehouse_path, new_path, withheld)
        _flush(new_path)
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


def _copy(warehouse_path: Path, new_path: Path, withheld: Collection[str]) -> dict[str, int]:
    with duckdb.connect() as connection:
        connection.execute(f"attach {_quoted(warehouse_path)} as warehouse (read_only)")
        connection.execute(f"attach {_quoted(new_path)} as serving (storage_version 'v1.5.0')")
        tables = _tables(connection)
        if not tables:
            raise PublishError(warehouse_path, f"holds no table in {' or '.join(SCHEMAS)}: build gold first")
        for schema in SCHEMAS:
            connection.execute(f"create schema serving.{schema}")
        rows = {f"{schema}.{table}": _copy_table(connection, schema, table, withheld) for schema, table in tables}
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


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return connection.execute(
        "select schema_name, table_name from duckdb_tables()"
        " where database_name = 'warehouse' and list_contains(?, schema_name) order by all",
        [list(SCHEMAS)],
    ).fetchall()


def _copy_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str, withheld: Collection[str]) -> int:
    columns = connection.execute(
        "select column_name from duckdb_columns() where (database_name, schema_name, table_name) = ('warehouse', ?, ?)"
        " order by column_index",
        [schema, table],
    ).fetchall()
    hidden = {name.lower() for name in withheld}
    shown = ", ".join(f'"{name}"' for (name,) in columns if f"{schema}.{table}.{name}".lower() not in hidden)
    statement = f'create table serving."{schema}"."{table}" as select {shown} from warehouse."{schema}"."{table}"'  # noqa: S608
    [(rows,)] = connection.execute(statement).fetchall()
    return int(rows)


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


def _quoted(path: Path) -> str:
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
