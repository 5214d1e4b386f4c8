"""Deliveries: what landing holds for a window of a table, as rows that may enter silver.

How the rows are found depends on how the table is written (spark_jobs/silver/declaration.py): the days of the window,
the same with everybody of before it, or the snapshot of the window's last day.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from typing import cast

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from spark_jobs.lake import records
from spark_jobs.lake.landing import Landing, Manifest
from spark_jobs.lake.records import newest_delivery
from spark_jobs.moves import Moves
from spark_jobs.problem import Problem
from spark_jobs.refine import Delivery, with_reasons
from spark_jobs.silver.declaration import LANDED_AT, DatabaseTable, Endpoint, Table
from spark_jobs.silver.transforms import transform_of
from spark_jobs.window import Window

PROPAGATE_EMPTY = "org.apache.spark.sql.execution.adaptive.AQEPropagateEmptyRelation"
# Below this many bytes of landing, compiling a query takes longer than interpreting it.
WORTH_COMPILING = 8 << 20


def manifests_of(table: Table, landing: Landing, window: Window) -> list[Manifest]:
    """The manifests of the deliveries that a window of the table is refined from. Raises Problem if a day lacks one."""
    if table.write_mode == "snapshot":
        return landing.manifests([window.last])
    manifests = landing.manifests(window.days())
    has_history = isinstance(table.source, Endpoint) and table.source.has_history
    return [*_before(landing, window, manifests), *manifests] if has_history else manifests


def tune_session(spark: SparkSession, manifests: list[Manifest]) -> None:
    """Sets what Spark needs to know before it reads these deliveries."""
    # Spark leaves out what turns out to be empty, and with it the observation that refine then waits for without end.
    spark.conf.set("spark.sql.adaptive.optimizer.excludedRules", PROPAGATE_EMPTY)
    spark.conf.set("spark.sql.codegen.wholeStage", str(not is_small(manifests)).lower())


def is_small(manifests: list[Manifest]) -> bool:
    return sum(manifest.bytes for manifest in manifests) <= WORTH_COMPILING


def delivery(
    spark: SparkSession, table: Table, landing: Landing, window: Window, manifests: list[Manifest]
) -> Delivery:
    """The rows of these deliveries. Raises Problem if a file of them is not what its manifest says."""
    landing.verify(manifests)
    if table.write_mode == "snapshot":
        return _snapshot(spark, table, landing, window, manifests)
    if table.write_mode == "merge":
        return _newest_of_each(spark, table, landing, window, manifests)
    return _days(spark, table, landing, window, manifests)


def _days(spark: SparkSession, table: Table, landing: Landing, window: Window, manifests: list[Manifest]) -> Delivery:
    """Only days that hold a record twice are searched for the newest delivery: the others need no shuffle."""
    endpoint, transform = cast(Endpoint, table.source), transform_of(table)
    once = [manifest for manifest in manifests if not manifest.repeated]
    repeated = [manifest for manifest in manifests if manifest.repeated]

    def rows_of(names: frozenset[str] | None, read_once: Observation, read_repeated: Observation) -> DataFrame:
        landed = records.api_records(spark, landing, once, endpoint, names)
        rows = transform(_observed(_timed(landed, table, once), read_once))
        if not repeated:
            return rows
        again = records.api_records(spark, landing, repeated, endpoint)
        deliveries = transform(_observed(_timed(again, table, repeated), read_repeated))
        return rows.unionByName(newest_delivery(deliveries, table.record_key, "ingest_on"))

    def of_files(names: frozenset[str]) -> DataFrame:
        return rows_of(names, Observation(), Observation())

    @cache  # moves and quarantine ask for them, and each time the files would be parsed anew
    def rejected(names: frozenset[str]) -> DataFrame:
        return with_reasons(of_files(names)).localCheckpoint()

    read = Observation(), Observation()
    return Delivery(
        rows=rows_of(None, *read),
        rows_of=of_files,
        rejected=rejected,
        raw=_raw_of_api(spark, table, landing, manifests),
        read=read if repeated else read[:1],
        landed_records=sum(manifest.rows for manifest in manifests),
        first=window.first,
        last=window.last,
        is_small=is_small(manifests),
        resolve=Moves(spark, table, landing, window, manifests).resolve if table.moves_between_days else None,
    )


def _newest_of_each(
    spark: SparkSession, table: Table, landing: Landing, window: Window, manifests: list[Manifest]
) -> Delivery:
    """The newest delivery of each key; of a delivery of several days, filed under the row's own day."""
    read = Observation()
    landed = records.api_records(spark, landing, manifests, cast(Endpoint, table.source))
    deliveries = transform_of(table)(_observed(_timed(landed, table, manifests), read))
    of_several_days = [manifest.ingest_on for manifest in manifests if manifest.is_of_several_days]
    newest = newest_delivery(deliveries, *table.key)
    rows = _under_their_own_day(newest, table.time_column, of_several_days).localCheckpoint()
    return Delivery(
        rows=rows,
        rows_of=partial(_of_files, rows),
        rejected=partial(_of_files, with_reasons(rows)),
        raw=_raw_of_api(spark, table, landing, manifests),
        read=(read,),
        landed_records=sum(manifest.rows for manifest in manifests),
        first=min(manifest.day for manifest in manifests),
        last=window.last,
        is_small=is_small(manifests),
    )


def _snapshot(
    spark: SparkSession, table: Table, landing: Landing, window: Window, manifests: list[Manifest]
) -> Delivery:
    [manifest], columns = manifests, cast(DatabaseTable, table.source).columns
    if manifest.rows == 0:
        raise Problem(
            f"The snapshot of {table.name} is empty",
            manifest.request,
            f"0 rows in the snapshot of {manifest.ingest_on}",
            "fill the source table, then run again; an empty snapshot would mark every row as vanished",
        )
    read = Observation()
    landed = records.database_records(spark, landing, manifest, columns)
    rows = newest_delivery(transform_of(table)(_observed(landed, read)), *table.key).localCheckpoint()
    return Delivery(
        rows=rows,
        rows_of=partial(_of_files, rows),
        rejected=partial(_of_files, with_reasons(rows)),
        raw=partial(_of_files, records.raw_rows(landed, columns)),
        read=(read,),
        landed_records=manifest.rows,
        first=window.last,
        last=window.last,
        is_small=is_small(manifests),
    )


def _of_files(rows: DataFrame, names: frozenset[str]) -> DataFrame:
    return rows.where(F.col("file").isin(sorted(names)))


def _raw_of_api(
    spark: SparkSession, table: Table, landing: Landing, manifests: list[Manifest]
) -> Callable[[frozenset[str]], DataFrame]:
    return partial(records.raw_records, spark, landing, manifests, cast(Endpoint, table.source))


def _observed(landed: DataFrame, read: Observation) -> DataFrame:
    return landed.observe(read, F.count(F.lit(1)).alias("records"))


def _timed(landed: DataFrame, table: Table, manifests: list[Manifest]) -> DataFrame:
    """The records with the time their delivery was landed, if the table keeps it."""
    return landed.withColumn(LANDED_AT, _landing_time(manifests)) if LANDED_AT in table.column_names else landed


def _landing_time(manifests: list[Manifest]) -> Column:
    """When the delivery of the row's day was first landed; null where its manifest does not say."""
    times = [F.lit(text) for manifest in manifests for text in (manifest.ingest_on, manifest.landed_at)]
    return F.create_map(*times)[F.col("ingest_on").cast("string")].cast("timestamp")


def _under_their_own_day(rows: DataFrame, time_column: str, days: list[str]) -> DataFrame:
    """The rows; those of deliveries of several days, filed under `days` (YYYY-MM-DD), as if asked for on their own day.

    So it does not matter later whether a row came with such a delivery or with its own day.
    """
    own_day = F.least("ingest_on", F.to_date(time_column))
    is_of_several = F.col("ingest_on").cast("string").isin(days)
    return rows.withColumn("ingest_on", F.when(is_of_several, own_day).otherwise(F.col("ingest_on"))) if days else rows


def _before(landing: Landing, window: Window, manifests: list[Manifest]) -> list[Manifest]:
    """The delivery of the days before the window, if this window's landing asked for them.

    Refined too often, it changes nothing: these rows were refined before.
    """
    before = landing.manifest(window.first - timedelta(days=1))
    if before is None:
        return []
    landed_at = min(manifest.landed_at for manifest in manifests)
    is_landed_with = bool(landed_at) and before.landed_at >= landed_at
    return [before] if before.is_of_several_days or is_landed_with else []
