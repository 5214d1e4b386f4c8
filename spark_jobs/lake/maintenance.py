"""Maintenance of the lake's tables: small files made into large ones, old snapshots expired, orphan files removed.

A job is about one silver table and its quarantine, or about the tables of runs. Branches and tags keep
the snapshots that they name. Compaction writes anew what is there already, so its commit (`replace`) is no news for
gold.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from pyspark.sql import SparkSession

from spark_jobs.lake.schemas import maintained_tables

KEPT_DAYS = 7  # how far back a table can be read
KEPT_SNAPSHOTS = 50  # and by how many snapshots at most, beside those that branches and tags name
ORPHAN_DAYS = 3  # a run that is going may hold files that no snapshot names yet; Iceberg refuses less than one


def maintain(spark: SparkSession, table: str, day: date) -> dict[str, int]:
    """Maintains the tables as of `day`. Returns how many files were rewritten, snapshots expired and files removed."""
    done: Counter[str] = Counter(rewritten_files=0, expired_snapshots=0, swept_files=0)
    for name in maintained_tables(table):
        if spark.catalog.tableExists(f"lake.{name}"):
            done.update(_maintain(spark, name, day))
    return dict(done)


def _maintain(spark: SparkSession, table: str, day: date) -> dict[str, int]:
    call, target = "call lake.system", f"table => '{table}'"
    rewritten = spark.sql(f"{call}.rewrite_data_files({target})").collect()[0]
    spark.sql(f"{call}.rewrite_manifests({target})").collect()
    before = _snapshots(spark, table)
    too_old = f"older_than => timestamp'{_midnight(day, KEPT_DAYS)}'"
    too_many = f"older_than => timestamp'{datetime.now(UTC):%Y-%m-%d %H:%M:%S}', retain_last => {KEPT_SNAPSHOTS}"
    for expired in (too_old, too_many):
        spark.sql(f"{call}.expire_snapshots({target}, {expired})").collect()
    swept = spark.sql(
        f"{call}.remove_orphan_files({target}, older_than => timestamp'{_midnight(day, ORPHAN_DAYS)}')"
    ).collect()
    return {
        "rewritten_files": rewritten.rewritten_data_files_count,
        "expired_snapshots": before - _snapshots(spark, table),
        "swept_files": len(swept),
    }


def _snapshots(spark: SparkSession, table: str) -> int:
    return spark.table(f"lake.{table}.snapshots").count()


def _midnight(day: date, days: int) -> str:
    return f"{day - timedelta(days=days)} 00:00:00"
