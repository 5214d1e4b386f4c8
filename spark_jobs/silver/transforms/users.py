"""Rows of silver.users: one per landed record.

Landing holds one record per user and day of registration, delivered again whenever that day is asked
for again. `user_location` is a list of five strings: latitude, longitude, place, country, time zone.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from spark_jobs.silver.transforms.reasons import reason, reasons, timestamp, unreadable_record


def users(landed: DataFrame) -> DataFrame:
    """One row per landed record. Coordinates in degrees. Returns the silver columns plus file, position and reasons."""
    return landed.transform(with_types).transform(with_rejection_reasons)


def with_types(landed: DataFrame) -> DataFrame:
    """The silver columns, null where the text could not be read, beside the record they came from."""
    return landed.select(
        "file", "position", "record", "error", "ingest_on", "landed_at",
        F.col("record.user_id").alias("user_id"),
        F.col("record.user_name").alias("user_name"),
        F.col("record.user_lastname").alias("user_lastname"),
        timestamp(F.col("record.user_since")).alias("user_since"),
        _place(0).cast("double").alias("latitude"),
        _place(1).cast("double").alias("longitude"),
        _place(2).alias("place_name"),
        _place(3).alias("country_code"),
        _place(4).alias("timezone"),
    )  # fmt: skip


def with_rejection_reasons(rows: DataFrame) -> DataFrame:
    """The contract's columns, with the reasons a row may not enter silver."""
    is_record = F.col("record").isNotNull()
    location = F.to_json("record.user_location")
    off_earth = ~F.col("latitude").between(-90, 90) | ~F.col("longitude").between(-180, 180)
    why = reasons(
        F.when(~is_record, unreadable_record(F.col("error"))),
        F.when(is_record & F.col("user_id").isNull(), F.lit("user_id is missing")),
        reason(is_record & F.col("user_since").isNull(), "user_since is no timestamp", F.col("record.user_since")),
        reason(is_record & (F.coalesce(F.size("record.user_location"), F.lit(-1)) != 5),
                  "user_location is not a list of five", location),
        reason((F.size("record.user_location") == 5) & (F.col("latitude").isNull() | F.col("longitude").isNull()),
                  "user_location has no coordinates", location),
        reason(off_earth, "user_location is not on Earth", location),
    )  # fmt: skip
    return rows.select(
        "user_id", "user_name", "user_lastname", "user_since", "latitude", "longitude", "place_name",
        "country_code", "timezone", "ingest_on", "landed_at", "file", "position", why.alias("reasons"),
    )  # fmt: skip


def _place(index: int) -> Column:
    """Entry of user_location, null where the list is shorter."""
    return F.col("record.user_location").getItem(index)
