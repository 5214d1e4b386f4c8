"""External schemas: Iceberg tables as Redshift would show them, always their current snapshot, never written."""

import json
import re
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2
import pyarrow as pa
import pytest
import redshift_connector
from pyiceberg import types as iceberg
from pyiceberg.schema import Schema

from rehearsal import postgres
from tests.rehearsal.redshift.fronts import DATABASE, Running, error_fields
from tests.rehearsal.redshift.lakes import Lake


def rows(cursor: redshift_connector.Cursor, sql: str) -> list[list[Any]]:
    cursor.execute(sql)
    return [list(row) for row in cursor.fetchall()]


@pytest.fixture
def orders(lake: Lake, cursor: redshift_connector.Cursor) -> str:
    """A table of the lake with two rows; gone after the next test has made its own."""
    lake.create("shop.orders", pa.schema([("id", pa.int64()), ("name", pa.string())]))
    lake.write("shop.orders", [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])
    return "lake.orders"


def test_rows_come_with_their_nulls_empty_texts_and_microseconds(cursor: redshift_connector.Cursor) -> None:
    moment = datetime(2020, 2, 29, 23, 59, 59, 999999, tzinfo=UTC)
    assert rows(cursor, "select a, b, price, at from lake.t order by a") == [
        [1, "x", Decimal("1.03"), moment],
        [2, "", None, None],
        [None, None, None, None],
    ]


def test_current_snapshot_is_read_by_a_statement_prepared_before(
    lake: Lake, orders: str, cursor: redshift_connector.Cursor
) -> None:
    counted = f"select count(*) from {orders}"
    assert rows(cursor, counted) == [[2]]
    lake.write("shop.orders", [{"id": 3, "name": 'it\'s "quoted", é\n'}])
    assert rows(cursor, counted) == [[1]]
    assert rows(cursor, f"select name from {orders}") == [['it\'s "quoted", é\n']]


def test_current_snapshot_is_read_through_views(lake: Lake, orders: str, cursor: redshift_connector.Cursor) -> None:
    cursor.execute(f"create view v as select id from {orders} with no schema binding")
    cursor.execute("create view w as select id from own.v with no schema binding")
    assert rows(cursor, "select count(*) from own.w") == [[2]]
    lake.write("shop.orders", [{"id": 3, "name": "c"}])
    assert rows(cursor, "select id from own.w") == [[3]]
    cursor.execute(f"create materialized view m as select id from {orders}")
    lake.write("shop.orders", [{"id": 4, "name": "d"}])
    assert rows(cursor, "select id from m") == [[3]]
    cursor.execute("refresh materialized view m")
    assert rows(cursor, "select id from m") == [[4]]


def test_snapshot_moves_on_within_a_transaction(lake: Lake, orders: str, cursor: redshift_connector.Cursor) -> None:
    cursor.execute("begin")
    assert rows(cursor, f"select count(*) from {orders}") == [[2]]
    lake.write("shop.orders", [{"id": 3, "name": "c"}])
    assert rows(cursor, f"select id from {orders}") == [[3]]
    cursor.execute("commit")


def test_unchanged_table_is_not_loaded_again(front: Running, orders: str, cursor: redshift_connector.Cursor) -> None:
    behind = psycopg2.connect(postgres.dsn(front.behind, DATABASE))
    loads = []
    with behind, behind.cursor() as direct:
        for _ in range(2):
            assert rows(cursor, f"select count(*) from {orders}") == [[2]]
            direct.execute("select xmin::text from lake.orders")  # the transaction that wrote each row
            loads += direct.fetchall()
    behind.close()
    assert len(set(loads)) == 1


def test_new_column_is_shown(lake: Lake, orders: str, cursor: redshift_connector.Cursor) -> None:
    rows(cursor, f"select * from {orders}")
    table = lake.catalog.load_table("shop.orders")
    with table.update_schema() as update:
        update.add_column("price", iceberg.DecimalType(10, 2))
    assert rows(cursor, f"select * from {orders} order by id") == [[1, "a", None], [2, "b", None]]


def test_table_that_goes_and_comes_is_followed(lake: Lake, orders: str, cursor: redshift_connector.Cursor) -> None:
    rows(cursor, f"select * from {orders}")
    lake.catalog.drop_table("shop.orders")
    with pytest.raises(redshift_connector.Error) as caught:
        cursor.execute(f"select * from {orders}")
    assert error_fields(caught.value)["C"] == "42P01"
    lake.create("shop.orders", pa.schema([("id", pa.int64())]))
    assert rows(cursor, f"select id from {orders}") == []


def test_catalogue_shows_external_tables_with_redshifts_types(
    lake: Lake, orders: str, cursor: redshift_connector.Cursor
) -> None:
    kinds: list[iceberg.IcebergType] = [
        iceberg.BooleanType(), iceberg.IntegerType(), iceberg.LongType(), iceberg.FloatType(), iceberg.DoubleType(),
        iceberg.DecimalType(10, 2), iceberg.DateType(), iceberg.TimestampType(), iceberg.TimestamptzType(),
        iceberg.StringType(), iceberg.ListType(99, iceberg.StringType()), iceberg.BinaryType(),
    ]  # fmt: skip
    fields = [iceberg.NestedField(at, f"c{at:02}", kind) for at, kind in enumerate(kinds, start=1)]
    lake.create("shop.orders", Schema(*fields))
    rows(cursor, "select c01 from lake.orders")
    shown = "select columnname, external_type from svv_external_columns where tablename = 'orders' order by columnnum"
    assert dict(rows(cursor, shown)) == {
        "c01": "boolean", "c02": "integer", "c03": "bigint", "c04": "real", "c05": "double precision",
        "c06": "numeric(10,2)", "c07": "date", "c08": "timestamp without time zone", "c09": "timestamp with time zone",
        "c10": "character varying(16384)",
    }  # fmt: skip
    assert rows(cursor, "select tablename, tabletype from svv_external_tables where tablename = 'orders'") == [
        ["orders", "ICEBERG"]
    ]
    assert rows(cursor, "select table_name from information_schema.tables where table_schema = 'lake'") == []


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (iceberg.TimeType(), time(12, 0)),
        (iceberg.UUIDType(), UUID(int=1).bytes),
        (iceberg.FixedType(4), b"1234"),
    ],
)
def test_table_with_a_type_redshift_cannot_read_is_refused(
    lake: Lake, cursor: redshift_connector.Cursor, kind: iceberg.PrimitiveType, value: object
) -> None:
    lake.create("shop.odd", Schema(iceberg.NestedField(1, "odd", kind)))
    lake.write("shop.odd", [{"odd": value}])
    with pytest.raises(redshift_connector.Error) as caught:
        cursor.execute("select * from lake.odd")
    fields = error_fields(caught.value)
    assert fields["M"] == f"column odd of external table lake.odd cannot be read: Redshift reads no Iceberg {kind}"
    assert fields["H"] == "AWS page querying-iceberg-supported-data-types"


def test_table_of_format_three_is_refused(lake: Lake, cursor: redshift_connector.Cursor, tmp_path: Path) -> None:
    lake.create("shop.newest", pa.schema([("id", pa.int64())]))
    written = Path(lake.catalog.load_table("shop.newest").metadata_location.removeprefix("file://"))
    metadata = json.loads(written.read_text()) | {"format-version": 3, "next-row-id": 0}
    lake.catalog.drop_table("shop.newest")
    (tmp_path / "3.metadata.json").write_text(json.dumps(metadata))
    lake.catalog.register_table("shop.newest", f"file://{tmp_path}/3.metadata.json")
    with pytest.raises(redshift_connector.Error, match="Iceberg format 3"):
        cursor.execute("select * from lake.newest")


def test_long_text_is_cut_as_redshift_cuts_it(lake: Lake, orders: str, cursor: redshift_connector.Cursor) -> None:
    lake.write("shop.orders", [{"id": 1, "name": "x" + "é" * 9000}, {"id": 2, "name": "short"}])
    lengths = f"select octet_length(name), len(name) from {orders} order by id"
    assert rows(cursor, lengths) == [[16383, 8192], [5, 5]]


def test_reader_needs_the_schema_and_no_more(
    orders: str, cursor: redshift_connector.Cursor, reader: redshift_connector.Cursor
) -> None:
    with pytest.raises(redshift_connector.Error, match="permission denied for schema lake"):
        reader.execute(f"select count(*) from {orders}")
    cursor.execute("grant usage on schema lake to reader")
    assert rows(reader, f"select count(*) from {orders}") == [[2]]


@pytest.mark.parametrize(
    "sql",
    [
        "insert into lake.t (a) values (1)",
        "update lake.t set a = 1",
        "delete from lake.t",
        "truncate table lake.t",
        "drop table lake.t",
        "alter table lake.t add column c int",
        "create table lake.u (a int)",
        "merge into lake.t using t on lake.t.a = t.a when matched then update set a = 1",
    ],
)
def test_lake_is_not_written(cursor: redshift_connector.Cursor, sql: str) -> None:
    with pytest.raises(redshift_connector.Error) as caught:
        cursor.execute(sql)
    assert error_fields(caught.value)["H"] == "AWS page iceberg-writes-sql-syntax"


def test_dropped_external_schema_is_forgotten(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("create external schema gone from data catalog database 'shop' region 'eu-west-1' iam_role 'arn'")
    assert rows(cursor, "select count(*) from gone.t") == [[3]]
    cursor.execute("drop schema gone")
    assert rows(cursor, "select schemaname from svv_external_schemas where schemaname = 'gone'") == []
    with pytest.raises(redshift_connector.Error):
        cursor.execute("select count(*) from gone.t")


def test_dropped_external_schema_that_is_made_again_has_its_tables(cursor: redshift_connector.Cursor) -> None:
    make = "create external schema back from data catalog database 'shop' region 'eu-west-1' iam_role 'arn'"
    for _ in range(2):
        cursor.execute(make)
        assert rows(cursor, "select count(*) from back.t") == [[3]]
        cursor.execute("drop schema back")


def test_a_table_that_nothing_was_written_to_is_refused(lake: Lake, cursor: redshift_connector.Cursor) -> None:
    """No page of AWS says that Redshift reads one; the jobs write a snapshot without rows when they make a table."""
    lake.catalog.create_table_if_not_exists("shop.unwritten", pa.schema([("id", pa.int64())]))
    with pytest.raises(redshift_connector.Error) as refused:
        cursor.execute("select count(*) from lake.unwritten")
    assert "has no snapshot" in error_fields(refused.value)["M"]


@pytest.mark.parametrize("kind", ["timestamp", "timestamptz"])
def test_dbts_utc_reads_a_moment_with_a_zone_and_without_one(cursor: redshift_connector.Cursor, kind: str) -> None:
    macro = (Path(__file__).parents[3] / "dbt/macros/utc.sql").read_text()
    body = re.search(r"macro default__utc\(column\) -%\}\s*(.*?)\s*\{%- endmacro", macro, re.DOTALL)
    assert body is not None
    expression = body[1].replace("{{ column }}", "m")
    cursor.execute(f"create table moments (m {kind})")
    cursor.execute("insert into moments values ('2020-02-29 23:59:59.999999')")
    moment = datetime(2020, 2, 29, 23, 59, 59, 999999)
    assert rows(cursor, f"select {expression} from moments") == [[moment]]
