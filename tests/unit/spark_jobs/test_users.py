"""silver.users: the newest delivery, a place in five parts, and reasons."""

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F  # noqa: N812  as in spark_jobs

from spark_jobs.lake.records import newest_delivery
from spark_jobs.silver.transforms.users import users
from spark_jobs.silver.users import TABLE

Rows = Callable[[Sequence[Any]], list[Row]]
NIORT = ["46.32313", "-0.45877", "Niort", "FR", "Europe/Paris"]


def user(**changes: Any) -> dict[str, Any]:
    """The contract's example user, changed."""
    return {
        "user_id": "u1", "user_name": "Elizabeth", "user_lastname": "Carey", "user_location": NIORT,
        "user_since": "2020-12-22T14:15:35.936090", **changes,
    }  # fmt: skip


@pytest.fixture
def rows(spark: SparkSession) -> Rows:
    """The refined rows of records in one page of 2020-12-22, or of (day, file, record)."""

    def refine(landed: Sequence[Any]) -> list[Row]:
        placed = [one if isinstance(one, tuple) else ("2020-12-22", "p1", one) for one in landed]
        texts = [(day, file, n, json.dumps(record)) for n, (day, file, record) in enumerate(placed)]
        frame = spark.createDataFrame(texts, "ingest_on string, file string, position int, text string")
        landed_at = F.lit("2020-12-24T00:00:00").cast("timestamp")
        frame = frame.withColumns({"ingest_on": F.col("ingest_on").cast("date"), "landed_at": landed_at})
        frame = frame.withColumn("error", F.when(~F.col("text").startswith("{"), F.lit("what was found")))
        read = F.when(F.col("text").startswith("{"), F.from_json("text", TABLE.source.record))
        deliveries = users(frame.withColumn("record", read).drop("text"))
        return newest_delivery(deliveries, *TABLE.key).orderBy("position").collect()

    return refine


def test_user_is_typed_and_the_location_opened(rows: Rows) -> None:
    (row,) = rows([user()])

    assert row.asDict() == {
        "user_id": "u1", "user_name": "Elizabeth", "user_lastname": "Carey",
        "user_since": datetime(2020, 12, 22, 14, 15, 35, 936090), "latitude": 46.32313, "longitude": -0.45877,
        "place_name": "Niort", "country_code": "FR", "timezone": "Europe/Paris", "ingest_on": date(2020, 12, 22),
        "landed_at": datetime(2020, 12, 24),
        "file": "p1", "position": 0, "reasons": [],
    }  # fmt: skip


def test_columns_are_those_of_the_table_when_nothing_tells_their_types(spark: SparkSession) -> None:
    place = "file string, position int, ingest_on date, landed_at timestamp, error string"
    landed = spark.createDataFrame([], f"{place}, record {TABLE.source.record}")

    found = [(field.name, field.dataType) for field in users(landed).schema.fields]

    assert found[:-3] == [(field.name, field.dataType) for field in spark.createDataFrame([], TABLE.ddl).schema.fields]


def test_user_that_cannot_be_read_gives_its_value(rows: Rows) -> None:
    place, rest = "user_location", '"-0.45877","Niort","FR","Europe/Paris"]'
    malformed: list[tuple[dict[str, Any], list[str]]] = [
        ({"user_id": None}, ["user_id is missing"]),
        ({"user_since": "22.12.2020"}, ["user_since is no timestamp: 22.12.2020"]),
        ({"user_since": None}, ["user_since is no timestamp: null"]),
        ({place: None}, [f"{place} is not a list of five: null"]),
        ({place: NIORT[:4]}, [f'{place} is not a list of five: ["46.32313","-0.45877","Niort","FR"]']),
        ({place: {"lat": 1}}, [f"{place} is not a list of five: null"]),
        ({place: ["north", *NIORT[1:]]}, [f'{place} has no coordinates: ["north",{rest}']),
        ({place: ["91", *NIORT[1:]]}, [f'{place} is not on Earth: ["91",{rest}']),
        ({place: ["90", "-180.5", "x", "FR", "Z"]}, [f'{place} is not on Earth: ["90","-180.5","x","FR","Z"]']),
        ({place: ["-90", "180", "x", "FR", "Z"]}, []),
    ]

    found = rows([user(**{"user_id": f"u{n}", **changes}) for n, (changes, _) in enumerate(malformed)])

    assert [row.reasons for row in found] == [reasons for _, reasons in malformed]


def test_record_that_is_no_object_is_a_row_with_one_reason(rows: Rows) -> None:
    assert [row.reasons for row in rows([["u1"], 42])] == [["the record cannot be read: what was found"]] * 2


def test_newest_delivery_wins_whatever_the_order(rows: Rows) -> None:
    landed = [
        ("2020-12-22", "p2", user(user_name="old, late page")),
        ("2020-12-23", "p1", user(user_name="newest day")),
        ("2020-12-22", "p1", user(user_name="old")),
    ]

    assert [row.user_name for row in rows(landed)] == ["newest day"]
    assert [row.user_name for row in rows(landed[::-1])] == ["newest day"]
    assert [row.user_name for row in rows(landed[::2])] == ["old, late page"]


def test_coordinates_may_come_as_numbers_and_names_in_any_script(rows: Rows) -> None:
    (row,) = rows([user(user_name="Zoë “Ζ” O'Hara", user_location=[46.5, -1, "Łódź", "PL", "Europe/Warsaw"])])

    assert (row.user_name, row.latitude, row.longitude, row.place_name) == ("Zoë “Ζ” O'Hara", 46.5, -1.0, "Łódź")
