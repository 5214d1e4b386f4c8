"""silver.songs: the source's unknowns are null, and the key is the track."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession

from spark_jobs.lake.records import newest_delivery
from spark_jobs.silver.songs import TABLE
from spark_jobs.silver.transforms.songs import songs

Rows = Callable[..., list[Row]]
LANDED = """track_id string, title string, song_id string, release string, artist_id string, artist_mbid string,
  artist_name string, duration double, artist_familiarity double, artist_hotttnesss double, year int,
  track_7digitalid int, shs_perf int, shs_work int, file string, position bigint, ingest_on date"""

REAL = {
    "track_id": "TRMBFJC12903CE2A89", "title": "Mystery Babylon", "song_id": "SOGOPFY12AB018E5B1",
    "release": "Healing of All Nations", "artist_id": "ARP06GY1187B98B0F0",
    "artist_mbid": "106e0414-95a7-45e9-8176-bbc938deed68", "artist_name": "Yami Bolo", "duration": 146.49425,
    "artist_familiarity": 0.4955022, "artist_hotttnesss": 0.3224826, "year": 2001, "track_7digitalid": 8562838,
    "shs_perf": -1, "shs_work": 0,
}  # fmt: skip


@pytest.fixture
def rows(spark: SparkSession) -> Rows:
    """The refined rows of the real catalogue row, once per set of changes."""

    def refine(*changes: dict[str, Any]) -> list[Row]:
        landed = [
            {**REAL, "file": "p1", "position": n, "ingest_on": date(2020, 3, 31), **one}
            for n, one in enumerate(changes)
        ]
        deliveries = songs(spark.createDataFrame(landed, LANDED))
        return newest_delivery(deliveries, *TABLE.key).orderBy("position").collect()

    return refine


def test_track_is_typed_and_its_unknowns_are_null(rows: Rows) -> None:
    (row,) = rows({})

    assert row.asDict() == {
        **REAL, "shs_perf": None, "shs_work": None, "ingest_on": date(2020, 3, 31), "source_from": "postgres",
        "vanished_on": None, "file": "p1", "position": 0, "reasons": [],
    }  # fmt: skip


def test_only_the_sentinel_of_a_column_is_unknown(rows: Rows) -> None:
    columns = ("year", "shs_perf", "shs_work", "artist_mbid")
    delivered = [(0, -1, 0, ""), (1, 0, -1, "0"), (None, None, None, None)]

    found = rows(*[{"track_id": f"T{n}", **dict(zip(columns, one, strict=True))} for n, one in enumerate(delivered)])

    assert [tuple(row[column] for column in columns) for row in found] == [(None,) * 4, (1, 0, -1, "0"), (None,) * 4]


def test_columns_are_those_of_the_table(spark: SparkSession) -> None:
    found = songs(spark.createDataFrame([], LANDED)).schema.fields

    assert [(field.name, field.dataType) for field in found[:-3]] == [
        (field.name, field.dataType) for field in spark.createDataFrame([], TABLE.ddl).schema.fields
    ]


def test_tracks_that_share_a_song_id_are_both_kept(rows: Rows) -> None:
    assert [row.track_id for row in rows({"track_id": "T1"}, {"track_id": "T2"})] == ["T1", "T2"]


def test_track_delivered_twice_is_one_row_the_last(rows: Rows) -> None:
    assert [row.title for row in rows({"title": "first"}, {"title": "last"})] == ["last"]


def test_track_without_an_id_is_a_row_with_a_reason(rows: Rows) -> None:
    assert [row.reasons for row in rows({"track_id": None}, {"track_id": None})] == [["track_id is missing"]] * 2


TEXTS = ", ".join(f"{name} string" for name in REAL) + ", file string, position bigint, ingest_on date"


@pytest.fixture
def read(spark: SparkSession) -> Rows:
    """The refined rows of the real catalogue row as text, once per set of changes."""

    def refine(*changes: dict[str, Any]) -> list[Row]:
        real = {name: str(value) for name, value in REAL.items()}
        place = {"file": "p1", "ingest_on": date(2020, 3, 31)}
        landed = [{**real, "track_id": f"T{n}", **place, "position": n, **one} for n, one in enumerate(changes)]
        return songs(spark.createDataFrame(landed, TEXTS)).orderBy("position").collect()

    return refine


def test_text_of_a_number_is_read_without_loss(read: Rows) -> None:
    texts = ("2001", " 2001 ", "2001.000", "2.001e+03", "-7", "2147483647", "", "  ", None)
    ids = ("3000000000", "9223372036854775807", "3e9", "-1", "0")
    fractions = ("0.1", ".5", "5.", "1e-3", "146.49425", "-0.25", "", None)

    rows = read(
        *[{"year": text} for text in texts],
        *[{"track_7digitalid": text} for text in ids],
        *[{"duration": text} for text in fractions],
    )

    assert [row.reasons for row in rows] == [[]] * len(rows)
    assert [row.year for row in rows[:9]] == [2001] * 4 + [-7, 2147483647, None, None, None]
    assert [row.track_7digitalid for row in rows[9:14]] == [3_000_000_000, 2**63 - 1, 3_000_000_000, -1, 0]
    assert [row.duration for row in rows[14:]] == [0.1, 0.5, 5.0, 0.001, 146.49425, -0.25, None, None]


def test_value_that_its_column_cannot_hold_is_a_reason_with_the_value(read: Rows) -> None:
    bad = {
        "year": ("unknown", "2001.5", "3000000000", "2001-01-01", "true", "NaN", "0x7d1", "20010000e-4"),
        "track_7digitalid": ("9223372036854775808", "1e30", "12345678901234567890123456789012345678901", "8.5e0"),
        "artist_familiarity": ("NaN", "Infinity", "-Infinity", "1e400", "$0.50", "0,5", "1_0"),
    }

    rows = read(*[{name: text} for name, texts in bad.items() for text in texts])

    lacks = {"year": "no whole number of 32 bits", "track_7digitalid": "no whole number of 64 bits"}
    assert [row.reasons for row in rows] == [
        [f"{name} is {lacks.get(name, 'no finite number')}: {text}"] for name, texts in bad.items() for text in texts
    ]


def test_text_that_the_warehouse_would_cut_is_a_reason(read: Rows) -> None:
    rows = read({"title": "é" * 512}, {"title": "é" * 513}, {"artist_id": "A" * 19})

    assert [[reason.partition(":")[0] for reason in row.reasons] for row in rows] == [
        [],
        ["title is longer than 1024 bytes"],
        ["artist_id is longer than 18 bytes"],
    ]


def test_blank_key_is_a_missing_one_and_each_such_row_stays_one(read: Rows) -> None:
    rows = read({"track_id": None}, {"track_id": ""}, {"track_id": "   "}, {"artist_id": "\u00a0"}, {"song_id": " "})

    assert [row.reasons for row in rows] == [["track_id is missing"]] * 3 + [
        ["artist_id is blank: \u00a0"],
        ["song_id is blank:  "],
    ]


def test_what_an_earlier_landing_typed_is_read_as_its_text_would_be(rows: Rows) -> None:
    (row,) = rows({"duration": 1234567.0, "artist_familiarity": float("nan"), "year": 0})

    assert (row.duration, row.year) == (1234567.0, None)
    assert row.reasons == ["artist_familiarity is no finite number: NaN"]
