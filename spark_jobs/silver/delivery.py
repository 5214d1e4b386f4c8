"""Deliveries: the same record can arrive more than once; one of its deliveries is the newest."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F


def newest_delivery(landed: DataFrame, *key: str) -> DataFrame:
    """One record per `key`: what was landed last, then the newest day, the last page, the last position wins.

    A record whose key is null is a record of its own: all of them stay. Frames of one delivery have no `landed_at`.
    """
    age = ("landed_at", "ingest_on", "file", "position")
    unidentified = F.concat_ws("#", "file", "position")
    identity = F.when(F.col(key[0]).isNull(), unidentified).otherwise(F.col(key[0]))
    newest_first = Window.partitionBy("identity", *key[1:]).orderBy(
        *(F.desc(name) for name in age if name in landed.columns)
    )
    return (
        landed.withColumn("identity", identity)
        .withColumn("age", F.row_number().over(newest_first))
        .where("age = 1")
        .drop("identity", "age")
    )
