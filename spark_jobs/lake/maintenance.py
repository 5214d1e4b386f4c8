"""Upkeep of a silver table: small files made into large ones, snapshots nobody needs removed, lost files swept.

Branches and tags keep what they name, and with it the tag `gold`. Compaction writes anew what is there already, so its
commit (`replace`) is no news for gold.
"""

from datetime import date, timedelta

from pyspark.sql import SparkSession

from spark_jobs.lake.tables import SILVER

KEPT_DAYS = 7  # how far back a table can be read
ORPHAN_DAYS = 3  # a run that is going may hold files that no snapshot names yet; Iceberg refuses less than one


def maintain(spark: SparkSession, table: str, day: date) -> dict[str, int]:
    """Compacts the table as of `day`. Returns how many files were rewritten, snapshots removed and files swept."""
    name = f"{SILVER}.{table}".removeprefix("lake.")
    call = "call lake.system"
    rewritten = spark.sql(f"{call}.rewrite_data_files(table => '{name}')").collect()[0]
    spark.sql(f"{call}.rewrite_manifests(table => '{name}')").collect()
    before = _snapshots(spark, table)
    spark.sql(
        f"{call}.expire_snapshots(table => '{name}', older_than => timestamp'{_midnight(day, KEPT_DAYS)}')"
    ).collect()
    swept = spark.sql(
        f"{call}.remove_orphan_files(table => '{name}', older_than => timestamp'{_midnight(day, ORPHAN_DAYS)}')"
    ).collect()
    return {
        "rewritten_files": rewritten.rewritten_data_files_count,
        "expired_snapshots": before - _snapshots(spark, table),
        "swept_files": len(swept),
    }


def _snapshots(spark: SparkSession, table: str) -> int:
    return spark.table(f"{SILVER}.{table}.snapshots").count()


def _midnight(day: date, days: int) -> str:
    return f"{day - timedelta(days=days)} 00:00:00"
