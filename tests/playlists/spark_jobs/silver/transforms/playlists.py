"""Rows of silver.playlists: one per track on a playlist.

Landing holds one record per playlist, with a list of track ids, delivered again whenever its day is asked for again.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.silver.transforms.reasons import reason, reasons, timestamp, unreadable_record


def playlists(landed: DataFrame) -> DataFrame:
    """One row per track. A playlist without tracks is one row, rejected. Returns the silver columns plus file, position
    and reasons."""
    opened = landed.select(
        "file", "position", "ingest_on", "error", "record", F.posexplode_outer("record.tracks").alias("index", "track")
    )
    is_record, created = F.col("record").isNotNull(), timestamp(F.col("record.created_at"))
    other_day = F.to_date(created) != F.col("ingest_on")
    why = reasons(
        F.when(~is_record, unreadable_record(F.col("error"))),
        F.when(is_record & F.col("record.playlist_id").isNull(), F.lit("playlist_id is missing")),
        F.when(is_record & F.col("index").isNull(), F.lit("the playlist has no tracks")),
        reason(is_record & created.isNull(), "created_at is no timestamp", F.col("record.created_at")),
        reason(other_day, "created_at is not on the day asked for", F.col("record.created_at")),
    )
    return opened.select(
        F.col("record.playlist_id").alias("playlist_id"),
        (F.col("index") + 1).alias("track_number"),
        F.col("record.user_id").alias("user_id"),
        F.col("track").alias("track_id"),
        F.col("record.name").alias("playlist_name"),
        created.alias("created_at"),
        "ingest_on", "file", "position", why.alias("reasons"),
    )  # fmt: skip
