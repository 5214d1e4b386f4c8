"""How a table that exists becomes the one that is declared, and what is refused."""

import pytest

from spark_jobs.lake.evolution import changes
from spark_jobs.problem import Problem

TABLE = "lake.deftunes_silver.sales"
PRESENT = {"id": "string", "number": "int", "price": "decimal(10,2)", "share": "float"}


def clauses(declared: str, **renamed_from: str) -> list[str]:
    return changes(TABLE, PRESENT, declared, renamed_from)


def test_nothing_changes_when_the_columns_are_the_declared_ones_in_whatever_order() -> None:
    assert clauses("share float, price decimal(10, 2), number int, id STRING") == []


def test_columns_are_renamed_widened_and_added_in_this_order_when_all_are_declared() -> None:
    declared = "key string, number bigint, price decimal(12,2), share double, mood string, rate decimal(5,4)"
    assert clauses(declared, key="id") == [
        "rename column id to key",
        "alter column number type bigint",
        "alter column price type decimal(12,2)",
        "alter column share type double",
        "add columns (mood string, rate decimal(5,4))",
    ]


def test_renamed_column_is_not_renamed_again() -> None:
    assert changes(TABLE, {"key": "string"}, "key string", {"key": "id"}) == []


def test_column_that_is_renamed_but_was_never_there_is_added() -> None:
    assert changes(TABLE, {"id": "string"}, "id string, mood string", {"mood": "feeling"}) == [
        "add columns (mood string)"
    ]


@pytest.mark.parametrize(
    ("declared", "present"),
    [("int", "bigint"), ("decimal(10,2)", "decimal(12,2)"), ("decimal(12,3)", "decimal(12,2)"), ("float", "double"),
     ("string", "int"), ("int", "string"), ("date", "timestamp"), ("double", "int")],
)  # fmt: skip
def test_type_that_does_not_hold_every_value_is_refused_with_both_types(declared: str, present: str) -> None:
    with pytest.raises(Problem) as refused:
        changes(TABLE, {"id": present}, f"id {declared}", {})
    refusal = refused.value
    assert (refusal.where, refusal.value) == (f"{TABLE}.id", f"the table has {present}, the declaration {declared}")
    assert f"declare {present}" in refusal.way_out


def test_column_that_is_not_declared_is_refused_whether_code_is_old_or_it_was_dropped() -> None:
    with pytest.raises(Problem, match="the lake is newer than the code, or they were dropped") as refused:
        clauses("id string, number int")
    assert refused.value.value == "price decimal(10,2), share float"
    assert f"alter table {TABLE} drop columns (price, share)" in refused.value.way_out


def test_column_under_both_names_is_refused() -> None:
    with pytest.raises(Problem, match="both id and number"):
        clauses("number int, price decimal(10,2), share float", number="id")
