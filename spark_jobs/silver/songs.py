"""silver.songs: one row per track of the catalogue, present or vanished.

Landing holds a full snapshot of the source table. The source writes its unknowns as numbers: year 0,
shs_perf -1, shs_work 0, and an empty artist_mbid; silver has null there. `song_id` is not the key:
several tracks may share one.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from spark_jobs.silver.delivery import newest_delivery
from spark_jobs.silver.reasons import reasons

KEY = ("track_id",)

COLUMNS = """track_id string, title string, song_id string, release string, artist_id string, artist_mbid string,
  artist_name string, duration double, artist_familiarity double, artist_hotttnesss double, year int,
  track_7digitalid int, shs_perf int, shs_work int, ingest_on date, source_from string, vanished_on date"""

SOURCE = "postgres"


def songs(landed: DataFrame) -> DataFrame:
    """The snapshot, typed. Durations in seconds. Returns COLUMNS plus file, position and reasons."""
    return newest_delivery(landed, "track_id").transform(typed).transform(judged)


def typed(landed: DataFrame) -> DataFrame:
    """The silver columns; the source's sentinels and empty texts are null."""
    return landed.select(
        "file", "position", "ingest_on", "track_id", "title", "song_id", "release", "artist_id",
        _known(F.col("artist_mbid"), "").alias("artist_mbid"),
        "artist_name",
        F.col("duration").cast("double"),
        F.col("artist_familiarity").cast("double"),
        F.col("artist_hotttnesss").cast("double"),
        _known(F.col("year").cast("int"), 0).alias("year"),
        F.col("track_7digitalid").cast("int"),
        _known(F.col("shs_perf").cast("int"), -1).alias("shs_perf"),
        _known(F.col("shs_work").cast("int"), 0).alias("shs_work"),
    )  # fmt: skip


def judged(rows: DataFrame) -> DataFrame:
    """The contract's columns, with the reasons a row may not enter silver."""
    why = reasons(F.when(F.col("track_id").isNull(), F.lit("track_id is missing")))
    return rows.select(
        "track_id", "title", "song_id", "release", "artist_id", "artist_mbid", "artist_name", "duration",
        "artist_familiarity", "artist_hotttnesss", "year", "track_7digitalid", "shs_perf", "shs_work", "ingest_on",
        F.lit(SOURCE).alias("source_from"), F.lit(None).cast("date").alias("vanished_on"),
        "file", "position", why.alias("reasons"),
    )  # fmt: skip


def _known(value: Column, sentinel: str | int) -> Column:
    """The value, null where the source says unknown."""
    return F.when(value != F.lit(sentinel), value)
