"""A table that is there becomes the table that is declared, and keeps its rows; or it is refused and stays as it is."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from spark_jobs.lake import tables
from spark_jobs.lake.schemas import Schema
from spark_jobs.problem import Problem

BEFORE = "id string, number int, price decimal(10,2), share float, day date"
AFTER = "key string, number bigint, price decimal(12,2), share double, day date, mood string"


def declared(
    columns: str, *renamed_from: tuple[str, str], quarantine: str = "record_id string, raw string"
) -> tuple[Schema, ...]:
    trials = Schema("deftunes_silver.trials", columns, "day", renamed_from)
    return Schema("deftunes_silver.quarantine_trials", quarantine), trials


@pytest.fixture
def trials(lake: Any) -> Any:
    """Table `trials` with two rows of two days, and its quarantine, as an earlier declaration made them."""
    tables.ensure(lake.spark, declared(BEFORE, quarantine="record_id string"))
    lake.spark.sql(
        "insert into lake.deftunes_silver.trials values ('a', 1, 1.25, 0.5, date'2020-02-28'),"
        " ('b', 2, 99999999.99, 0.25, date'2020-02-29')"
    )
    yield lake
    for name in ("trials", "quarantine_trials"):
        lake.spark.sql(f"drop table lake.deftunes_silver.{name}")


def columns(lake: Any, table: str) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in lake.spark.table(f"lake.deftunes_silver.{table}").dtypes)


def test_table_with_rows_gets_the_added_the_wider_and_the_renamed_column(trials: Any) -> None:
    tables.ensure(trials.spark, declared(AFTER, ("key", "id")))
    assert columns(trials, "trials") == AFTER
    assert columns(trials, "quarantine_trials").split(", ")[-1] == "raw string"
    assert sorted(trials.rows("select * from SILVER.trials")) == [
        ("a", 1, Decimal("1.25"), 0.5, date(2020, 2, 28), None),
        ("b", 2, Decimal("99999999.99"), 0.25, date(2020, 2, 29), None),
    ]
    branch = tables.Branch(trials.spark, "trials", "r1")
    branch.merge(branch.main().selectExpr("key", "number + 3000000000 as number", "price + 9000000000 as price",
                                          "share", "day", "'glad' as mood"), ("key",))  # fmt: skip
    branch.publish()
    assert sorted(trials.rows("select key, number, price, mood from SILVER.trials")) == [
        ("a", 3000000001, Decimal("9000000001.25"), "glad"),
        ("b", 3000000002, Decimal("9099999999.99"), "glad"),
    ]
    tables.ensure(trials.spark, declared(AFTER, ("key", "id")))  # again: nothing is left to do


@pytest.mark.parametrize(
    ("columns_after", "value"),
    [
        (BEFORE.replace("number int", "number smallint"), "the table has int, the declaration smallint"),
        (BEFORE.replace(", share float", ""), "share float"),
    ],
)
def test_what_would_lose_values_is_refused_before_anything_is_altered(
    trials: Any, columns_after: str, value: str
) -> None:
    with pytest.raises(Problem) as refused:
        tables.ensure(trials.spark, declared(f"{columns_after}, mood string"))
    assert (refused.value.value, refused.value.untouched) == (value, "Nothing was written.")
    assert columns(trials, "trials") == BEFORE
    assert "raw" not in columns(trials, "quarantine_trials")
