"""silver.songs: the source's unknowns are null, and the key is the track."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession

from spark_jobs.silver.songs import COLUMNS, songs

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
        return songs(spark.createDataFrame(landed, LANDED)).orderBy("position").collect()

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
        (field.name, field.dataType) for field in spark.createDataFrame([], COLUMNS).schema.fields
    ]


def test_tracks_that_share_a_song_id_are_both_kept(rows: Rows) -> None:
    assert [row.track_id for row in rows({"track_id": "T1"}, {"track_id": "T2"})] == ["T1", "T2"]


def test_track_delivered_twice_is_one_row_the_last(rows: Rows) -> None:
    assert [row.title for row in rows({"title": "first"}, {"title": "last"})] == ["last"]


def test_track_without_an_id_is_a_row_with_a_reason(rows: Rows) -> None:
    assert [row.reasons for row in rows({"track_id": None}, {"track_id": None})] == [["track_id is missing"]] * 2
