"""External schemas: what stands in PostgreSQL for tables of the lake, filled from their current snapshots.

Before a statement reads an external table, its snapshot is compared with the one last loaded; it is loaded anew when
main has moved on, as Redshift reads whatever is current. Loading replaces the rows in one transaction, without a lock
that a reader would wait for.
"""

import threading
from collections.abc import Mapping

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  a type of another package
from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.table import Table

from rehearsal.redshift.iceberg_columns import Column, columns
from rehearsal.redshift.iceberg_rows import copy
from rehearsal.redshift.wire import RedshiftError

NEWEST_FORMAT = 2


class ExternalSchemas:
    """`catalog` holds the properties of pyiceberg's catalog, such as type, uri, glue.endpoint, s3.endpoint."""

    def __init__(self, dsn: str, catalog: Mapping[str, str]) -> None:
        self._dsn, self._properties = dsn, catalog
        self._catalog: Catalog | None = None
        self._lock = threading.Lock()
        self._asking, self._loading = self._connected(), self._connected()
        self._asking.autocommit = True

    def names(self) -> frozenset[str]:
        """Of the external schemas there are."""
        with self._asking.cursor() as cursor:
            cursor.execute("select name from redshift.external_schemas")
            return frozenset(name for (name,) in cursor.fetchall())

    def refresh(self, schema: str, name: str) -> None:
        """Have what stands for the table show its current snapshot. Raises RedshiftError if that cannot be read."""
        with self._lock, self._loading as connection:
            table = self._table(connection, schema, name)
            if table is None:
                _forget(connection, schema, name)
            elif table.current_snapshot() is None:
                raise RedshiftError(
                    "XX000",
                    f"external table {schema}.{name} has no snapshot",
                    "write it once, if only without rows",
                    "no page of AWS says that Redshift reads a table that nothing was written to",
                )
            elif table.metadata_location != _loaded_table(connection, schema, name):
                _load(connection, schema, name, table)

    def _connected(self) -> Connection:
        return psycopg2.connect(self._dsn, application_name="redshift front", options="-c timezone=UTC")

    def _table(self, connection: Connection, schema: str, name: str) -> Table | None:
        with connection.cursor() as cursor:
            cursor.execute("select database from redshift.external_schemas where name = %s", (schema,))
            found = cursor.fetchone()
        if found is None:
            return None
        self._catalog = self._catalog or load_catalog("lake", **self._properties)
        try:
            return self._catalog.load_table((found[0], name))
        except NoSuchTableError:
            return None


def _loaded_table(connection: Connection, schema: str, name: str) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select metadata_location from redshift.external_tables where (schema_name, table_name) = (%s, %s)",
            (schema, name),
        )
        found = cursor.fetchone()
    return found[0] if found else None


def _load(connection: Connection, schema: str, name: str, table: Table) -> None:
    shown = columns(table)
    _check(schema, name, table, shown)
    readable = [each for each in shown if not each.unreadable]
    snapshot = table.current_snapshot()
    with connection.cursor() as cursor:
        if _recorded(connection, schema, name) != [each.typed() for each in readable]:
            _make(connection, schema, name, shown)
        cursor.execute(f'delete from "{schema}"."{name}"')  # noqa: S608  names of the catalogue
        copy(cursor, f'"{schema}"."{name}"', table, readable)
        cursor.execute(
            "insert into redshift.external_tables values (%s, %s, %s, %s, %s) on conflict (schema_name, table_name)"
            " do update set (location, metadata_location, snapshot_id)"
            " = (excluded.location, excluded.metadata_location, excluded.snapshot_id)",
            (schema, name, table.location(), table.metadata_location, snapshot.snapshot_id if snapshot else None),
        )
        cursor.execute(f'analyze "{schema}"."{name}"')


def _check(schema: str, name: str, table: Table, shown: list[Column]) -> None:
    page = "AWS page querying-iceberg-supported-data-types"
    if table.format_version > NEWEST_FORMAT:
        message = f"external table {schema}.{name} is of Iceberg format {table.format_version}"
        raise RedshiftError("0A000", message, f"write it with format-version {NEWEST_FORMAT}", page)
    for each in shown:
        if each.unreadable and not each.is_hidden:
            message = f"column {each.name} of external table {schema}.{name} cannot be read: {each.unreadable}"
            raise RedshiftError("0A000", message, "write it with another type", page)


def _recorded(connection: Connection, schema: str, name: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select column_name, redshift_type from redshift.external_columns"
            " where (schema_name, table_name) = (%s, %s) and unreadable is null order by position",
            (schema, name),
        )
        return list(cursor.fetchall())


def _make(connection: Connection, schema: str, name: str, shown: list[Column]) -> None:
    """The table that stands for it, new, with its columns recorded."""
    _forget(connection, schema, name)
    readable = ", ".join(f'"{each.name}" {each.redshift_type}' for each in shown if not each.unreadable)
    with connection.cursor() as cursor:
        cursor.execute(f'create table "{schema}"."{name}" ({readable})')
        # Who may use the schema may read its tables; single external tables are not granted (page r_GRANT).
        cursor.execute(f'grant select on "{schema}"."{name}" to public')
        for position, each in enumerate(shown, start=1):
            cursor.execute(
                "insert into redshift.external_columns values (%s, %s, %s, %s, %s, %s, %s, %s)",
                (schema, name, each.name, position, each.iceberg_type, each.redshift_type, each.unreadable,
                 each.is_nullable),
            )  # fmt: skip


def _forget(connection: Connection, schema: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set local lock_timeout = '10s'")
        cursor.execute(f'drop table if exists "{schema}"."{name}"')
        for kept in ("external_columns", "external_tables"):
            cursor.execute(
                f"delete from redshift.{kept} where (schema_name, table_name) = (%s, %s)",  # noqa: S608
                (schema, name),
            )
