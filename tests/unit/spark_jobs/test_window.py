"""Windows: both ends inclusive, to the last microsecond."""

from datetime import date

import pytest
from pyspark.sql import SparkSession

from spark_jobs.problem import Problem
from spark_jobs.window import Window


def test_window_holds_the_last_microsecond_and_not_the_next_day(spark: SparkSession) -> None:
    moments = ["2020-01-31 23:59:59.999999", "2020-02-01 00:00:00", "2020-02-29 23:59:59.999999", "2020-03-01 00:00:00"]
    frame = spark.createDataFrame([(moment,) for moment in moments], "moment string").selectExpr(
        "moment", "cast(moment as timestamp) at"
    )

    held = frame.where(Window.parse("2020-02-01", "2020-02-29").holds("at")).collect()

    assert [row.moment for row in held] == moments[1:3]


def test_window_holds_utc_days_when_the_session_is_elsewhere(spark: SparkSession) -> None:
    elsewhere = spark.newSession()
    elsewhere.conf.set("spark.sql.session.timeZone", "America/New_York")
    condition = Window.parse("2020-02-01", "2020-02-01").holds("timestamp'2020-02-01 23:30:00 UTC'")

    assert elsewhere.sql(f"select {condition} as is_held").collect()[0].is_held


def test_days_cross_a_leap_day() -> None:
    assert list(Window.parse("2020-02-28", "2020-03-01").days()) == [
        date(2020, 2, 28),
        date(2020, 2, 29),
        date(2020, 3, 1),
    ]


def test_window_of_one_day_has_that_day() -> None:
    assert list(Window.parse("2020-02-29", "2020-02-29").days()) == [date(2020, 2, 29)]


@pytest.mark.parametrize(
    ("first", "last", "where", "value"),
    [
        ("2021-02-29", "2021-03-01", "FROM", "'2021-02-29'"),
        ("2020-01-01", "tomorrow", "TO", "'tomorrow'"),
        ("", "2020-01-01", "FROM", "''"),
        ("2020-01-01T00:00", "2020-01-01", "FROM", "'2020-01-01T00:00'"),
        ("2020-01-02", "2020-01-01", "FROM and TO", "2020-01-02 to 2020-01-01"),
    ],
)
def test_window_is_refused_when_its_dates_are_nonsense(first: str, last: str, where: str, value: str) -> None:
    with pytest.raises(Problem) as refused:
        Window.parse(first, last)

    assert (refused.value.where, refused.value.value) == (where, value)


def test_reversed_dates_come_with_the_way_out() -> None:
    with pytest.raises(Problem, match="FROM=2020-01-01 TO=2020-01-02"):
        Window.parse("2020-01-02", "2020-01-01")
