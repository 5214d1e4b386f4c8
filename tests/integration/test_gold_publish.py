"""publish: gold and bi, whole, under the served name; readers are never in the way."""

import os
from pathlib import Path

import duckdb
import pytest

from deftunes import target
from deftunes.gold.publish import PublishError, personal_columns, publish
from deftunes.lake import queries
from spark_jobs.problem import Problem


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse" / "warehouse.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema staging; create schema gold; create schema bi")
        connection.execute("create view staging.stg_silver__users as select 1 as user_id")
        connection.execute("create table staging.leftover as select 1 as latitude")
        connection.execute("create table gold.fact_session as select 1.03::decimal(10,2) as price from range(3)")
        connection.execute("create table bi.daily_sales_vw as select 3.09::decimal(18,2) as total_sales")
    return path


@pytest.fixture
def serving(tmp_path: Path) -> Path:
    return tmp_path / "serving" / "serving.duckdb"


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_publish_copies_gold_and_bi_and_nothing_else(warehouse: Path, serving: Path) -> None:
    assert publish(warehouse, serving, ()) == {"bi.daily_sales_vw": 1, "gold.fact_session": 3}
    tables = "select table_schema, table_name from information_schema.tables order by all"
    assert rows(serving, tables) == [("bi", "daily_sales_vw"), ("gold", "fact_session")]
    assert rows(serving, "select typeof(price), sum(price)::varchar from gold.fact_session group by 1") == [
        ("DECIMAL(10,2)", "3.09")
    ]
    assert os.listdir(serving.parent) == [serving.name]


def test_publish_makes_the_views_over_the_copies(warehouse: Path, serving: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        items = '"warehouse"."gold"."fact_session"'
        connection.execute(
            f"create view gold.purchases_vw as with facts as (select * from {items})"
            f" select facts.price, 'from warehouse.' as said from facts inner join {items} as other on true"
        )
    assert publish(warehouse, serving, ()) == {"bi.daily_sales_vw": 1, "gold.fact_session": 3}
    warehouse.unlink()
    assert rows(serving, "select sum(price)::varchar, min(said) from gold.purchases_vw") == [
        ("9.27", "from warehouse.")
    ]


def test_published_file_has_no_withheld_column(warehouse: Path, serving: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create table gold.dim_users as select 'k' as user_key, 'Ada' as User_Name, 'GB' as code")
        connection.execute("create view gold.buyers_vw as select code from gold.dim_users")
    publish(warehouse, serving, {"gold.dim_users.user_name"})
    assert rows(serving, "select * from gold.dim_users") == [("k", "GB")]
    assert rows(serving, "select * from gold.buyers_vw") == [("GB",)]
    assert b"Ada" not in serving.read_bytes()


def test_publish_refuses_a_view_of_a_withheld_column(warehouse: Path, serving: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create table gold.dim_users as select 'k' as user_key, 'Ada' as user_name")
        connection.execute("create view gold.buyers_vw as select user_name from gold.dim_users")
    with pytest.raises(PublishError, match=r"a view names a column that is not published.*user_name"):
        publish(warehouse, serving, {"gold.dim_users.user_name"})
    assert not serving.exists()


def test_nothing_is_published_without_knowing_what_is_personal(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match=r"manifest\.json: says which columns are personal and cannot be read"):
        personal_columns(tmp_path / "manifest.json")


def test_open_reader_keeps_its_file_and_the_next_gets_the_new_one(warehouse: Path, serving: Path) -> None:
    publish(warehouse, serving, ())
    count = "select count(*) from gold.fact_session"
    with duckdb.connect(str(serving), read_only=True) as reader:
        assert reader.execute(count).fetchall() == [(3,)]
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("insert into gold.fact_session values (0.50)")
        publish(warehouse, serving, ())
        assert reader.execute(count).fetchall() == [(3,)]
    assert rows(serving, count) == [(4,)]


def test_publish_leaves_the_served_file_when_the_warehouse_has_no_gold(
    tmp_path: Path, warehouse: Path, serving: Path
) -> None:
    publish(warehouse, serving, ())
    empty = tmp_path / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    with pytest.raises(PublishError, match="holds no table in gold or bi"):
        publish(empty, serving, ())
    assert rows(serving, "select count(*) from gold.fact_session") == [(3,)]
    assert os.listdir(serving.parent) == [serving.name]


def test_publish_leaves_no_new_file_when_the_swap_fails(
    warehouse: Path, serving: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    publish(warehouse, serving, ())
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(PublishError, match="No space left on device"):
        publish(warehouse, serving, ())
    assert os.listdir(serving.parent) == [serving.name]


def test_publish_names_the_missing_warehouse(tmp_path: Path, serving: Path) -> None:
    with pytest.raises(PublishError, match=r"nowhere\.duckdb: there is no such warehouse"):
        publish(tmp_path / "nowhere.duckdb", serving, ())
    assert not serving.parent.exists()


def test_publish_overwrites_what_a_killed_one_left(warehouse: Path, serving: Path) -> None:
    serving.parent.mkdir()
    serving.with_name("serving.duckdb.new").write_bytes(b"half a file")
    publish(warehouse, serving, ())
    assert rows(serving, "select count(*) from gold.fact_session") == [(3,)]
    assert os.listdir(serving.parent) == [serving.name]


@pytest.mark.parametrize("kept", [0, 5000, 20_000])
def test_publish_names_a_damaged_warehouse_and_the_command_that_removes_it(
    warehouse: Path, serving: Path, kept: int
) -> None:
    publish(warehouse, serving, ())
    warehouse.write_bytes(warehouse.read_bytes()[:kept])

    with pytest.raises(PublishError, match=rf"is damaged: .*rm '{warehouse}'.*built anew of all of silver"):
        publish(warehouse, serving, ())

    assert rows(serving, "select count(*) from gold.fact_session") == [(3,)]
    assert os.listdir(serving.parent) == [serving.name]


def test_damaged_served_file_is_replaced(warehouse: Path, serving: Path) -> None:
    publish(warehouse, serving, ())
    serving.write_bytes(serving.read_bytes()[:5000])

    publish(warehouse, serving, ())

    assert rows(serving, "select count(*) from gold.fact_session") == [(3,)]


def test_question_to_a_damaged_served_file_names_it(warehouse: Path, serving: Path, tmp_path: Path) -> None:
    publish(warehouse, serving, ())
    serving.write_bytes(serving.read_bytes()[:5000])
    embedded = target.load("embedded", Path(__file__).parents[2], {"SERVING_PATH": str(serving)})

    with (
        pytest.raises(Problem, match=rf"The published file is damaged\. Where: {serving}.*make run FROM"),
        queries.connect(embedded, tmp_path, with_lake=False),
    ):
        pass
