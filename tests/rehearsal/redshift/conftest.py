"""One PostgreSQL and one front for all of these tests, over a lake of its own in a folder."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
import redshift_connector

from tests.rehearsal.redshift import fronts
from tests.rehearsal.redshift.lakes import Lake, open_lake


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return open_lake(tmp_path_factory.mktemp("lake"))


@pytest.fixture(scope="session")
def front(tmp_path_factory: pytest.TempPathFactory, lake: Lake) -> Iterator[fronts.Running]:
    with fronts.running(tmp_path_factory.mktemp("redshift"), lake.properties) as running:
        yield running


@pytest.fixture(scope="session")
def sold(front: fronts.Running, lake: Lake) -> str:
    """The external schema `lake` over a table `t`: three rows, with a null in each column."""
    lake.catalog.create_namespace_if_not_exists("shop")
    columns = {"a": pa.int32(), "b": pa.string(), "price": pa.decimal128(10, 2), "at": pa.timestamp("us", tz="UTC")}
    lake.create("shop.t", pa.schema(list(columns.items())))
    first = {"a": 1, "b": "x", "price": Decimal("1.03"), "at": datetime(2020, 2, 29, 23, 59, 59, 999999, tzinfo=UTC)}
    lake.write("shop.t", [first, {"a": 2, "b": "", "price": None, "at": None}, {"a": None, "b": None}])
    front.rows("create external schema if not exists lake from data catalog database 'shop' iam_role default")
    return "lake"


@pytest.fixture
def cursor(front: fronts.Running, sold: str) -> Iterator[redshift_connector.Cursor]:
    """A connection in a schema of its own with a table `t` (a int, b varchar(50)) of two rows; gone after the test."""
    connection = front.connect()
    with connection.cursor() as opened:
        for sql in (
            "drop schema if exists own cascade",
            "create schema own",
            "set search_path to own",
            "create table t (a int, b varchar(50))",
            "insert into t values (1, 'x'), (2, 'y')",
        ):
            opened.execute(sql)
        yield opened
    connection.close()


@pytest.fixture
def reader(front: fronts.Running, cursor: redshift_connector.Cursor) -> Iterator[redshift_connector.Cursor]:
    """Somebody who may do nothing but what the test grants; gone after it."""
    cursor.execute("create user reader password 'secret'")
    connection = front.connect("reader")
    with connection.cursor() as opened:
        yield opened
    connection.close()
    for sql in ("drop schema own cascade", "revoke usage on schema lake from reader", "drop user reader"):
        cursor.execute(sql)
