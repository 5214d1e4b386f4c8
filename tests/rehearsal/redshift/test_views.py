"""Views bound and unbound, materialized views, and how the catalogue shows them."""

import pytest
import redshift_connector

from tests.rehearsal.redshift.fronts import error_fields


def rows(cursor: redshift_connector.Cursor, sql: str) -> list[list[object]]:
    cursor.execute(sql)
    return [list(row) for row in cursor.fetchall()]


def test_late_binding_view_reads_what_has_the_name_now(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("create view v as (select a from own.t where a = 1) with no schema binding")
    cursor.execute("create table other as select 1 as a, 'new' as b union all select 1, 'new'")
    cursor.execute("alter table t rename to t__backup")
    cursor.execute("alter table other rename to t")
    cursor.execute("drop table t__backup cascade")
    assert rows(cursor, "select a from v") == [[1], [1]]


def test_late_binding_view_fails_while_its_table_is_gone(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("create view v as select a from own.t with no schema binding")
    cursor.execute("drop table t cascade")
    with pytest.raises(redshift_connector.Error) as caught:
        cursor.execute("select a from v")
    assert error_fields(caught.value)["C"] == "42P01"


def test_late_binding_view_may_be_made_before_its_table(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("create view v as select a, b from own.later with no schema binding")
    cursor.execute("create table later as select a, b from t")
    assert rows(cursor, "select b from v order by a") == [["x"], ["y"]]


def test_late_binding_view_names_what_it_lacks_and_another_may_be_made_of_it(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("create view v as select a from nowhere.later with no schema binding")
    cursor.execute("create view w as select a from own.v with no schema binding")
    with pytest.raises(redshift_connector.Error, match=r"nowhere\.later") as caught:
        cursor.execute("select a from own.v")
    assert error_fields(caught.value)["C"] == "42P01"


def test_late_binding_view_replaced_shows_its_new_columns(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("create view v as select a from own.t with no schema binding")
    cursor.execute("create or replace view v as select b, a from own.t with no schema binding")
    columns = (
        "select name, type from pg_get_late_binding_view_cols()"
        " cols(schema name, view name, name name, type varchar, place int) where view = 'v' order by place"
    )
    assert rows(cursor, columns) == [["b", "character varying(50)"], ["a", "integer"]]


def test_late_binding_view_reads_with_the_rights_of_its_owner(
    cursor: redshift_connector.Cursor, reader: redshift_connector.Cursor
) -> None:
    cursor.execute("create view v as select a from own.t with no schema binding")
    cursor.execute("grant usage on schema own to reader")
    cursor.execute("grant select on own.v to reader")
    assert rows(reader, "select a from own.v order by a") == [[1], [2]]
    with pytest.raises(redshift_connector.Error, match="permission denied"):
        reader.execute("select a from own.t")


def test_bound_view_goes_with_its_table(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("create view v as select a from t")
    with pytest.raises(redshift_connector.Error) as caught:
        cursor.execute("drop table t")
    assert error_fields(caught.value)["C"] == "2BP01"
    cursor.execute("drop table t cascade")
    assert rows(cursor, "select viewname from pg_views where schemaname = 'own'") == []


def test_materialized_view_shows_new_rows_when_refreshed(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("create materialized view m as select count(*) as n from t")
    cursor.execute("insert into t values (3, 'z')")
    assert rows(cursor, "select n from m") == [[2]]
    cursor.execute("refresh materialized view m")
    assert rows(cursor, "select n from m") == [[3]]


def test_materialized_view_on_an_external_table_is_refreshed_from_the_lake(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("create materialized view m auto refresh no as select count(*) as n from lake.t")
    assert rows(cursor, "select n from m") == [[3]]


@pytest.mark.parametrize("binding", ["", " with no schema binding"])
def test_materialized_view_on_a_view_is_refused(cursor: redshift_connector.Cursor, binding: str) -> None:
    cursor.execute(f"create view v as select a from own.t{binding}")
    with pytest.raises(redshift_connector.Error) as caught:
        cursor.execute("create materialized view m as select a from own.v")
    assert error_fields(caught.value)["H"] == "AWS page materialized-view-create-sql-command"
    assert rows(cursor, "select viewname from pg_views where schemaname = 'own'") == [["v"]]


def test_catalogue_shows_views_as_they_were_written(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("create materialized view m sortkey (a) as (select a from t)")
    cursor.execute("create view v as select a from own.t with no schema binding")
    written = rows(cursor, "select viewname, definition from pg_views where schemaname = 'own' order by viewname")
    assert written == [
        ["m", "create materialized view m sortkey (a) as (select a from t);"],
        ["v", "create view v as select a from own.t with no schema binding;"],
    ]
    kinds = "select table_name, table_type from information_schema.tables where table_schema = 'own' order by 1"
    assert rows(cursor, kinds) == [["m", "VIEW"], ["t", "BASE TABLE"], ["v", "VIEW"]]
    columns = (
        "select column_name, data_type from information_schema.columns where table_schema = 'own' and table_name = 'm'"
    )
    assert rows(cursor, columns) == [["a", "integer"]]
