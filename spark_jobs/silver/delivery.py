"""Deliveries: the same record can arrive more than once; one of its deliveries is the newest."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F


def newest_delivery(landed: DataFrame, key: str) -> DataFrame:
    """One record per `key`: the newest day, then the last page, then the last position wins.

    A record whose key is null is a record of its own: all of them stay.
    """
    unidentified = F.concat_ws("#", "file", "position")
    newest_first = Window.partitionBy("identity").orderBy(F.desc("ingest_on"), F.desc("file"), F.desc("position"))
    return (
        landed.withColumn("identity", F.coalesce(F.col(key), unidentified))
        .withColumn("age", F.row_number().over(newest_first))
        .where("age = 1")
        .drop("identity", "age")
    )
