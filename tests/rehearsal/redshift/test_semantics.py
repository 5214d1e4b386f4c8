"""Where Redshift and PostgreSQL run the same text and mean something else, the front means what Redshift means."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import redshift_connector

from tests.rehearsal.redshift.fronts import error_fields


def one(cursor: redshift_connector.Cursor, sql: str) -> Any:
    cursor.execute(sql)
    return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("5 / 2", 2),
        ("cast(5 as decimal(10, 2)) / 2", Decimal("2.5")),
        ("cast(2.5 as decimal)", Decimal(3)),  # decimal(18, 0)
        ("extract(epoch from timestamp '1970-01-01 00:00:59.9')", 59),
        ("extract(second from timestamp '2020-01-01 00:00:03.189717')", 3),
        ("extract(millisecond from timestamp '2020-01-01 00:00:03.189717')", 189),
        ("date_part(second, timestamp '2020-01-01 00:00:03.5')", 3.5),
        ("extract(dow from date '2020-02-23')", 0),
        ("datediff(year, date '2019-12-31', date '2020-01-01')", 1),
        ("datediff(month, '2020-01-31'::date, '2020-02-01'::date)", 1),
        ("datediff(week, date '2020-02-22', date '2020-02-23')", 1),  # weeks begin on Sunday
        ("datediff(qtr, date '2020-03-31', date '2020-04-01')", 1),
        ("datediff(hour, timestamp '2020-01-01 00:59:59', timestamp '2020-01-01 01:00:00')", 1),
        ("datediff(microsecond, timestamp '2020-01-01 00:00:00', timestamp '2020-01-01 00:00:00.26')", 260000),
        ("dateadd(month, 1, date '2020-01-31')", datetime(2020, 2, 29)),
        ("dateadd(day, -1, timestamp '2020-03-01 12:00:00')", datetime(2020, 2, 29, 12)),
        ("add_months(date '2020-02-29', 1)", datetime(2020, 3, 31)),
        ("last_day(date '2020-02-01')", date(2020, 2, 29)),
        ("months_between(date '2020-03-31', date '2020-02-29')", 1.0),
        ("convert_timezone('Europe/Paris', timestamp '2020-07-01 12:00:00')", datetime(2020, 7, 1, 14)),
        ("convert_timezone('Europe/Paris', 'UTC', timestamp '2020-07-01 12:00:00')", datetime(2020, 7, 1, 10)),
        ("nvl(null, 'b')", "b"),
        ("nvl2('a', 'b', 'c')", "b"),
        ("decode(2, 1, 'one', 2, 'two', 'many')", "two"),
        ("strtol(left(md5('u'), 15), 16)", 556041653115827356),
        ("strtol('fffffffffffffff', 16)", 2**60 - 1),
        ("strtol(left(md5(null), 15), 16)", None),
        ("len('é')", 1),
        ("cast('éé' as varchar(3))", "é"),  # three bytes, no half of a character
        ("cast(1234 as varchar(2))", "12"),
        ("trunc(timestamp '2020-02-29 23:00:00')", date(2020, 2, 29)),
        ("regexp_substr('abc123', '[0-9]+')", "123"),
    ],
)
def test_expression_means_what_it_means_on_redshift(
    cursor: redshift_connector.Cursor, expression: str, value: object
) -> None:
    assert one(cursor, f"select {expression}") == value


@pytest.mark.parametrize(("order", "values"), [("asc", [1, 2, None]), ("desc", [None, 2, 1])])
def test_nulls_are_the_largest(cursor: redshift_connector.Cursor, order: str, values: list[object]) -> None:
    cursor.execute("insert into t values (null, 'z')")
    cursor.execute(f"select a from t order by a {order}")
    assert [row[0] for row in cursor.fetchall()] == values


def test_qualify_filters_on_a_window(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("insert into t values (3, 'x')")
    cursor.execute("select a from t qualify row_number() over (partition by b order by a desc) = 1 order by a")
    assert [row[0] for row in cursor.fetchall()] == [2, 3]


def test_approximate_count_counts_distinct_values(cursor: redshift_connector.Cursor) -> None:
    assert one(cursor, "select approximate count(distinct b) from t") == 2


def test_names_are_folded_even_in_quotes(cursor: redshift_connector.Cursor) -> None:
    cursor.execute('create table "Mixed" ("Id" int)')
    cursor.execute("insert into mixed values (1)")
    assert one(cursor, 'select "ID" from own."MIXED"') == 1


def test_long_names_stay_apart_and_longer_ones_are_refused(cursor: redshift_connector.Cursor) -> None:
    first, second = "x" * 80 + "1", "x" * 80 + "2"
    for name in (first, second):
        cursor.execute(f"create table {name} (a int)")
    cursor.execute(f"insert into {second} values (2)")
    assert one(cursor, f"select count(*) from {first}") == 0
    assert one(cursor, f"select count(*) from information_schema.tables where table_name = '{second}'") == 1
    with pytest.raises(redshift_connector.Error, match="127 bytes"):
        cursor.execute(f"create table {'x' * 128} (a int)")


@pytest.mark.parametrize(
    ("kind", "fits", "overflows"),
    [("varchar(4)", "éé", "ééé"), ("text", "x" * 256, "x" * 257), ("varchar", "x" * 256, "é" * 129)],
)
def test_text_past_its_bytes_is_an_error(
    cursor: redshift_connector.Cursor, kind: str, fits: str, overflows: str
) -> None:
    cursor.execute(f"create table bounded (name {kind})")
    cursor.execute(f"insert into bounded values ('{fits}')")
    with pytest.raises(redshift_connector.Error) as caught:
        cursor.execute(f"insert into bounded values ('{overflows}')")
    assert error_fields(caught.value)["C"] == "22001"
    assert one(cursor, "select name from bounded") == fits


def test_keys_are_information_and_not_null_is_enforced(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("create table k (id int primary key, code int unique, parent int references t (a), n int not null)")
    cursor.execute("alter table k add foreign key (parent) references t (a)")
    cursor.execute("insert into k values (1, 7, 99, 0), (1, 7, 99, 0)")
    assert one(cursor, "select count(*) from k") == 2
    for row in ("(null, 1, 1, 1)", "(1, 1, 1, null)"):
        with pytest.raises(redshift_connector.Error, match="23502"):
            cursor.execute(f"insert into k values {row}")


def test_identity_counts_up(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("create table counted (id bigint identity(1, 1), a int)")
    cursor.execute("insert into counted (a) values (10), (20)")
    assert one(cursor, "select max(id) from counted") == 2


def test_boolean_is_not_cast_to_text(cursor: redshift_connector.Cursor) -> None:
    with pytest.raises(redshift_connector.Error, match="cannot cast type boolean to character varying"):
        cursor.execute("select cast(a = 1 as varchar(5)) from t")


def test_merge_updates_and_inserts(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("create table s (a int, b varchar(50))")
    cursor.execute("insert into s values (2, 'new'), (3, 'z')")
    cursor.execute(
        "merge into t using s on (t.a = s.a) when matched then update set b = s.b"
        " when not matched then insert (a, b) values (s.a, s.b)"
    )
    cursor.execute("select a, b from t order by a")
    assert [list(row) for row in cursor.fetchall()] == [[1, "x"], [2, "new"], [3, "z"]]
