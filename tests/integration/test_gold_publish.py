"""publish: gold and bi, whole, under the served name; readers are never in the way."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from deftunes import target
from deftunes.gold.publish import Models, PublishError, publish, published_models
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
    assert publish(warehouse, serving, Models()) == {"bi.daily_sales_vw": 1, "gold.fact_session": 3}
    tables = "select table_schema, table_name from information_schema.tables order by all"
    assert rows(serving, tables) == [("bi", "daily_sales_vw"), ("gold", "fact_session"), ("main", "published_build")]
    assert rows(serving, "select typeof(price), sum(price)::varchar from gold.fact_session group by 1") == [
        ("DECIMAL(10,2)", "3.09")
    ]
    assert set(os.listdir(serving.parent)) <= {serving.name, f"{serving.name}.spare"}


def test_publish_makes_the_views_over_the_copies(warehouse: Path, serving: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        items = '"warehouse"."gold"."fact_session"'
        connection.execute(
            f"create view gold.purchases_vw as with facts as (select * from {items})"
            f" select facts.price, 'from warehouse.' as said from facts inner join {items} as other on true"
        )
    assert publish(warehouse, serving, Models()) == {"bi.daily_sales_vw": 1, "gold.fact_session": 3}
    warehouse.unlink()
    assert rows(serving, "select sum(price)::varchar, min(said) from gold.purchases_vw") == [
        ("9.27", "from warehouse.")
    ]


def test_published_file_has_no_withheld_column(warehouse: Path, serving: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create table gold.dim_users as select 'k' as user_key, 'Ada' as User_Name, 'GB' as code")
        connection.execute("create view gold.buyers_vw as select code from gold.dim_users")
    publish(warehouse, serving, Models(frozenset({"gold.dim_users.user_name"})))
    assert rows(serving, "select * from gold.dim_users") == [("k", "GB")]
    assert rows(serving, "select * from gold.buyers_vw") == [("GB",)]
    assert b"Ada" not in serving.read_bytes()


def test_publish_refuses_a_view_of_a_withheld_column(warehouse: Path, serving: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create table gold.dim_users as select 'k' as user_key, 'Ada' as user_name")
        connection.execute("create view gold.buyers_vw as select user_name from gold.dim_users")
    with pytest.raises(PublishError, match=r"a view names a column that is not published.*user_name"):
        publish(warehouse, serving, Models(frozenset({"gold.dim_users.user_name"})))
    assert not serving.exists()


def test_nothing_is_published_without_knowing_what_is_personal(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match=r"manifest\.json: says which columns are personal and cannot be read"):
        published_models(tmp_path / "manifest.json")


def test_open_reader_keeps_its_file_and_the_next_gets_the_new_one(warehouse: Path, serving: Path) -> None:
    publish(warehouse, serving, Models())
    count = "select count(*) from gold.fact_session"
    with duckdb.connect(str(serving), read_only=True) as reader:
        assert reader.execute(count).fetchall() == [(3,)]
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("insert into gold.fact_session values (0.50)")
        publish(warehouse, serving, Models())
        assert reader.execute(count).fetchall() == [(3,)]
    assert rows(serving, count) == [(4,)]


def test_publish_leaves_the_served_file_when_the_warehouse_has_no_gold(
    tmp_path: Path, warehouse: Path, serving: Path
) -> None:
    publish(warehouse, serving, Models())
    empty = tmp_path / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    with pytest.raises(PublishError, match="holds no table in gold or bi"):
        publish(empty, serving, Models())
    assert rows(serving, "select count(*) from gold.fact_session") == [(3,)]
    assert set(os.listdir(serving.parent)) <= {serving.name, f"{serving.name}.spare"}


def test_publish_leaves_no_new_file_when_the_swap_fails(
    warehouse: Path, serving: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    publish(warehouse, serving, Models())
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(PublishError, match="No space left on device"):
        publish(warehouse, serving, Models())
    assert set(os.listdir(serving.parent)) <= {serving.name, f"{serving.name}.spare"}


def test_publish_names_the_missing_warehouse(tmp_path: Path, serving: Path) -> None:
    with pytest.raises(PublishError, match=r"nowhere\.duckdb: there is no such warehouse"):
        publish(tmp_path / "nowhere.duckdb", serving, Models())
    assert not serving.parent.exists()


def test_publish_overwrites_what_a_killed_one_left(warehouse: Path, serving: Path) -> None:
    serving.parent.mkdir()
    serving.with_name("serving.duckdb.new").write_bytes(b"half a file")
    publish(warehouse, serving, Models())
    assert rows(serving, "select count(*) from gold.fact_session") == [(3,)]
    assert set(os.listdir(serving.parent)) <= {serving.name, f"{serving.name}.spare"}


@pytest.mark.parametrize("kept", [0, 5000, 20_000])
def test_publish_names_a_damaged_warehouse_and_the_command_that_removes_it(
    warehouse: Path, serving: Path, kept: int
) -> None:
    publish(warehouse, serving, Models())
    warehouse.write_bytes(warehouse.read_bytes()[:kept])

    with pytest.raises(PublishError, match=rf"is damaged: .*rm '{warehouse}'.*built anew of all of silver"):
        publish(warehouse, serving, Models())

    assert rows(serving, "select count(*) from gold.fact_session") == [(3,)]
    assert set(os.listdir(serving.parent)) <= {serving.name, f"{serving.name}.spare"}


def test_damaged_served_file_is_replaced(warehouse: Path, serving: Path) -> None:
    publish(warehouse, serving, Models())
    serving.write_bytes(serving.read_bytes()[:5000])

    publish(warehouse, serving, Models())

    assert rows(serving, "select count(*) from gold.fact_session") == [(3,)]


def test_question_to_a_damaged_served_file_names_it(warehouse: Path, serving: Path, tmp_path: Path) -> None:
    publish(warehouse, serving, Models())
    serving.write_bytes(serving.read_bytes()[:5000])
    embedded = target.load("embedded", Path(__file__).parents[2], {"SERVING_PATH": str(serving)})

    with (
        pytest.raises(Problem, match=rf"The published file is damaged\. Where: {serving}.*make run FROM"),
        queries.connect(embedded, tmp_path, with_lake=False),
    ):
        pass


# What follows publishes into the file that was served before the last.

DIM_USERS = "gold.dim_users.user_name"
MODELS = Models(frozenset({DIM_USERS}), {"gold.fact_session": "sold_at"})
SOLD = "select day(sold_at), sum(price)::varchar, count(*) from gold.fact_session group by all order by all"


def build(warehouse: Path, statement: str, *, first: str | None = None, after: str | None = None) -> None:
    """A change of the warehouse, recorded as dbt's build records it; without days it is one of all of silver."""
    with duckdb.connect(str(warehouse)) as connection:
        table = "main.built_days (build uuid, number bigint, first_day date, day_after date)"
        connection.execute(f"create {'or replace table' if first is None else 'table if not exists'} {table}")
        connection.execute(
            "insert into main.built_days select uuid(), coalesce(max(number), 0) + 1, ?, ? from main.built_days",
            [first, after],
        )
        connection.execute(statement)


@pytest.fixture
def days(warehouse: Path, serving: Path) -> Path:
    """A warehouse of three days with a sale each and a user, published twice: so there is a spare."""
    build(
        warehouse,
        "create or replace table gold.fact_session as select make_timestamp(2020, 2, 27 + i::int, 23, 59, 59.999999) as"
        " sold_at, 1.03::decimal(10,2) as price from range(3) as days(i);"
        "create table gold.dim_users as select 7 as user_key, 'Ada' as user_name, 'GB' as country_code;"
        "create view gold.sales_vw as select sum(price) as sales from gold.fact_session",
    )
    publish(warehouse, serving, MODELS)
    publish(warehouse, serving, MODELS)
    return warehouse


def test_days_of_the_builds_since_are_copied_into_the_spare(days: Path, serving: Path) -> None:
    leap_day = {"first": "2020-02-28", "after": "2020-02-29"}
    build(days, "update gold.fact_session set price = 2 where day(sold_at) = 28", **leap_day)
    spare = os.stat(f"{serving}.spare").st_ino
    assert publish(days, serving, MODELS)["gold.fact_session"] == 3
    assert os.stat(serving).st_ino == spare
    assert rows(serving, SOLD) == [(27, "1.03", 1), (28, "2.00", 1), (29, "1.03", 1)]
    assert rows(serving, "select sales::varchar from gold.sales_vw") == [("4.06",)]
    build(days, "delete from gold.fact_session where day(sold_at) = 27", first="2020-02-27", after="2020-02-28")
    publish(days, serving, MODELS)  # into the file that has not seen the build before either
    assert rows(serving, SOLD) == [(28, "2.00", 1), (29, "1.03", 1)]


def test_no_other_day_is_read(days: Path, serving: Path) -> None:
    build(days, "update gold.fact_session set price = 2", first="2020-02-28", after="2020-02-29")
    publish(days, serving, MODELS)
    assert rows(serving, SOLD) == [(27, "1.03", 1), (28, "2.00", 1), (29, "1.03", 1)]


@pytest.mark.parametrize(
    "change",
    [
        "update gold.dim_users set country_code = 'FR'",
        "insert into gold.dim_users values (8, 'Bo', 'FR')",
        "alter table gold.dim_users add column is_inferred boolean",
        "alter table gold.dim_users alter user_key type varchar",
        "drop view gold.sales_vw; drop table gold.dim_users",
        "create table gold.dim_date as select 1 as date_key",
    ],
)
def test_spare_becomes_what_a_copy_of_everything_is(days: Path, serving: Path, tmp_path: Path, change: str) -> None:
    build(days, change, first="2020-02-28", after="2020-02-29")
    copied = publish(days, tmp_path / "copy.duckdb", MODELS)
    spare = os.stat(f"{serving}.spare").st_ino
    assert publish(days, serving, MODELS) == copied
    assert os.stat(serving).st_ino == spare
    for table in copied:
        question = f"select * from {table} order by all"
        assert rows(serving, question) == rows(tmp_path / "copy.duckdb", question)


@pytest.mark.parametrize("how", ["built of all of silver", "another warehouse", "more rows than recorded", "no list"])
def test_everything_is_copied_when_the_days_are_not_known(days: Path, serving: Path, how: str) -> None:
    if how == "another warehouse":
        with duckdb.connect(str(days)) as connection:
            connection.execute("update main.built_days set build = uuid()")
    elif how == "no list":
        with duckdb.connect(str(days)) as connection:
            connection.execute("drop table main.built_days")
    sell_more = "insert into gold.fact_session values ('2020-03-01', 5)"
    build(
        days, sell_more, **({} if how == "built of all of silver" else {"first": "2020-02-28", "after": "2020-02-29"})
    )
    publish(days, serving, MODELS)
    assert (1, "5.00", 1) in rows(serving, SOLD)


def test_file_that_somebody_reads_is_not_written(days: Path, serving: Path) -> None:
    """The reader has the served file open, which two publishings later would be the spare."""
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(serving)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reader.stdin is not None
    assert reader.stdout is not None
    assert reader.stdout.readline() == "3.09\n"
    read = os.stat(serving).st_ino
    for price in (2, 3):
        build(days, f"update gold.fact_session set price = {price}", first="2020-02-27", after="2020-03-01")
        publish(days, serving, MODELS)
        assert os.stat(serving).st_ino != read
    assert rows(serving, "select sum(price)::varchar from gold.fact_session") == [("9.00",)]
    assert reader.communicate("again\n")[0] == "3.09\n"


READER = """
import sys
import duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
for _ in range(2):
    print(*connection.execute("select sum(price)::varchar from gold.fact_session").fetchone(), flush=True)
    sys.stdin.readline()
"""


@pytest.mark.parametrize("step", ["replace", "fsync", "link"])
@pytest.mark.parametrize("call", [1, 2])
def test_publishing_that_stopped_at_any_step_leaves_the_served_file_and_the_next_is_whole(
    days: Path, serving: Path, monkeypatch: pytest.MonkeyPatch, step: str, call: int
) -> None:
    build(days, "update gold.fact_session set price = 2", first="2020-02-27", after="2020-03-01")
    calls = iter(range(1, 9))

    class StoppedError(BaseException):
        pass

    really: Callable[..., object] = getattr(os, step)

    def stopping(*arguments: object) -> object:
        if next(calls) == call:
            raise StoppedError
        return really(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(os, step, stopping)
        with suppress(StoppedError):
            publish(days, serving, MODELS)
            assert step == "link"  # it is called once
    assert rows(serving, "select sum(price)::varchar from gold.fact_session")[0][0] in ("3.09", "6.00")
    publish(days, serving, MODELS)
    assert rows(serving, SOLD) == [(27, "2.00", 1), (28, "2.00", 1), (29, "2.00", 1)]


def test_no_name_is_in_the_bytes_of_a_served_file_nor_of_the_spare(days: Path, serving: Path) -> None:
    for name in ("Grace", "Katherine"):
        build(days, f"update gold.dim_users set user_name = '{name}'", first="2020-02-28", after="2020-02-29")
        publish(days, serving, MODELS)
    for path in (serving, Path(f"{serving}.spare")):
        assert not [name for name in (b"Ada", b"Grace", b"Katherine") if name in path.read_bytes()]
        assert b"user_key" in path.read_bytes()


def test_column_that_becomes_personal_is_in_no_byte_of_the_next_served_file(days: Path, serving: Path) -> None:
    build(days, "update gold.dim_users set country_code = 'ZQ'", first="2020-02-28", after="2020-02-29")
    publish(days, serving, MODELS)
    publish(days, serving, MODELS)
    assert b"ZQ" in serving.read_bytes()
    with duckdb.connect(str(days)) as connection:
        connection.execute("update gold.dim_users set user_key = 8")
    publish(days, serving, Models(frozenset({DIM_USERS, "gold.dim_users.country_code"}), MODELS.event_times))
    assert b"ZQ" not in serving.read_bytes()
