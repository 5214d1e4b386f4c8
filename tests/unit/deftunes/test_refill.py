"""Which column a refill is about, and which windows of landing it refines again."""

from datetime import date, timedelta

import pytest

from deftunes.run.refill import parse_column, windows_to_refine
from spark_jobs.problem import Problem
from spark_jobs.silver import TABLES
from spark_jobs.window import Window


def days(first: str, count: int) -> list[date]:
    return [date.fromisoformat(first) + timedelta(days=number) for number in range(count)]


def test_windows_hold_the_landed_days_and_no_other() -> None:
    landed = [*days("2020-02-28", 3), *days("2020-03-05", 40)]
    windows = windows_to_refine(landed, None)
    assert [str(window) for window in windows] == [
        "2020-02-28 to 2020-03-01", "2020-03-05 to 2020-04-04", "2020-04-05 to 2020-04-13",
    ]  # fmt: skip
    assert [day for window in windows for day in window.days()] == landed


def test_table_that_is_delivered_whole_is_refined_of_its_newest_snapshot_or_of_each_in_turn() -> None:
    landed = days("2020-02-28", 3)
    assert windows_to_refine(landed, False) == [Window(landed[2], landed[2])]
    assert windows_to_refine(landed, True) == [Window(day, day) for day in landed]


@pytest.mark.parametrize("text", ["mood", "sessions", "sessions.", "gold.price", "sessions.mood.more", "sessions.a b"])
def test_text_that_names_no_column_is_refused_with_the_tables(text: str) -> None:
    with pytest.raises(Problem, match="names no column") as refused:
        parse_column(text)
    assert refused.value.value == text
    assert ", ".join(TABLES) in refused.value.way_out


def test_column_is_of_the_table_before_the_dot() -> None:
    assert str(parse_column("sessions.user_agent")) == "sessions.user_agent"
