"""Dist and sort keys, backup and auto refresh are kept and shown, though PostgreSQL knows none of them."""

import pytest
import redshift_connector

from tests.rehearsal.redshift.fronts import error_fields


def layout(cursor: redshift_connector.Cursor, table: str) -> list[object] | None:
    """diststyle, first sort key, number of sort keys."""
    cursor.execute(
        "select diststyle, sortkey1, sortkey_num from svv_table_info where \"schema\" = 'own'"
        f" and \"table\" = '{table}'"
    )
    found = cursor.fetchone()
    return list(found) if found else None


@pytest.mark.parametrize(
    ("attributes", "shown"),
    [
        ("", ["AUTO(ALL)", "AUTO(SORTKEY)", 0]),
        ("diststyle even", ["EVEN", "AUTO(SORTKEY)", 0]),
        ("backup no diststyle all sortkey (b)", ["ALL", "b", 1]),
        ("diststyle key distkey (a) compound sortkey (b, a)", ["KEY(a)", "b", 2]),
        ("distkey (a) interleaved sortkey (a, b)", ["KEY(a)", "INTERLEAVED", 2]),
    ],
)
@pytest.mark.parametrize("is_from_query", [True, False])
def test_layout_of_a_table_is_shown(
    cursor: redshift_connector.Cursor, attributes: str, shown: list[object], is_from_query: bool
) -> None:
    columns, query = ("", "as select a, b from t") if is_from_query else ("(a int, b varchar(50))", "")
    cursor.execute(f"create table laid {columns} {attributes} {query}")
    cursor.execute("insert into laid values (3, 'z')")
    assert layout(cursor, "laid") == shown


def test_empty_table_is_not_shown(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("create table laid (a int) diststyle even")
    assert layout(cursor, "laid") is None


def test_layout_goes_along_with_a_renamed_table_and_column(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("create table laid distkey (a) sortkey (b) as select a, b from t")
    cursor.execute("alter table laid rename to moved")
    cursor.execute("alter table moved rename column b to c")
    assert layout(cursor, "moved") == ["KEY(a)", "c", 1]


def test_dropped_table_leaves_no_layout_to_the_next_of_its_name(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("create table laid diststyle all as select a from t")
    cursor.execute("drop table laid")
    cursor.execute("create table laid as select a from t")
    assert layout(cursor, "laid") == ["AUTO(ALL)", "AUTO(SORTKEY)", 0]


def test_key_must_be_a_column(cursor: redshift_connector.Cursor) -> None:
    with pytest.raises(redshift_connector.Error) as caught:
        cursor.execute("create table laid distkey (nowhere) as select a from t")
    assert error_fields(caught.value)["C"] == "42703"
    cursor.execute("select count(*) from information_schema.tables where table_name = 'laid'")
    assert list(cursor.fetchone()) == [0]  # neither the table nor half of it


def test_layout_is_taken_back_with_its_transaction(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("begin")
    cursor.execute("create table laid diststyle even as select a from t")
    cursor.execute("rollback")
    cursor.execute("create table laid diststyle all as select a from t")
    assert layout(cursor, "laid") == ["ALL", "AUTO(SORTKEY)", 0]


def test_materialized_view_shows_its_layout_and_refresh(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("create materialized view m as select a from t")
    assert layout(cursor, "m") == ["EVEN", "AUTO(SORTKEY)", 0]
    cursor.execute("create materialized view n distkey (b) sortkey (b, a) auto refresh yes as select a, b from t")
    assert layout(cursor, "n") == ["KEY(b)", "b", 2]
    refresh = "select name, autorefresh from svv_mv_info where schema_name = 'own' order by name"
    cursor.execute(refresh)
    assert [list(row) for row in cursor.fetchall()] == [["m", "f"], ["n", "t"]]
    cursor.execute("alter materialized view n auto refresh no")
    cursor.execute(refresh)
    assert [list(row) for row in cursor.fetchall()] == [["m", "f"], ["n", "f"]]


def test_table_behind_a_materialized_view_has_its_keys(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("create materialized view n distkey (b) sortkey (b, a) as select a, b from t")
    cursor.execute(
        "select a.attname, a.attisdistkey, a.attsortkeyord from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid"
        " where n.nspname = 'own' and c.relname like 'mv_tbl__n__%'"
        " and a.attnum > 0 order by a.attname"
    )
    assert [list(row) for row in cursor.fetchall()] == [["a", False, 2], ["b", True, 1]]
