"""Moves: records that were delivered on more than one day, of which one delivery counts.

A record's key holds for the whole table, a refinement sees its window. A source that corrects the time of a record (the
start of a session) delivers it on another day, and lists it on the old one no more, or still. Of the days that landing
holds a record under, the newest delivery counts: first those whose time lies on the day asked for, then what was landed
last, then the later day. That order depends on landing alone, not on which day was refined first.

The order of commits. The window is written to its branch; its records are looked up in the rest of silver, in
quarantine and among the records that have moved before (only their ids are read, so history costs no more). Mostly
none is found. Else the other days' deliveries of these records are read from landing, what is known of their days is
added to deftunes_ops.moved_<table>, and the branch is written anew: the window without superseded deliveries, and the
other days whose rows change, in one commit. The table of moved records only ever says where to look: a crash after
it was written harms nothing, and without it a record that moves back would be lost, for silver has forgotten its
other delivery (test_moved_sessions.py).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, cast

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import Window as Rows
from pyspark.sql import functions as F

from spark_jobs.lake import records, tables
from spark_jobs.lake.landing import Landing, Manifest
from spark_jobs.lake.tables import Branch
from spark_jobs.lake.writes import LANDING_COLUMNS, Scope
from spark_jobs.refine import Delivery, files_of, with_reasons
from spark_jobs.silver.declaration import INGEST_ON, Endpoint, Table
from spark_jobs.silver.transforms import transform_of
from spark_jobs.window import Window

# Up to so many rows of a window each task is sent all of its records; more are shuffled.
FEW_ROWS = 500_000


class Moves:
    """Finds the records of one window that other days have too."""

    def __init__(
        self, spark: SparkSession, table: Table, landing: Landing, window: Window, manifests: list[Manifest]
    ) -> None:
        self._table, self._endpoint, self._key = table, cast(Endpoint, table.source), table.record_key
        self._copy = [self._key, INGEST_ON]  # one delivery of a record: a day has no more of it
        self._spark, self._landing, self._window, self._manifests = spark, landing, window, manifests
        self._is_inside = f"ingest_on between date'{window.first}' and date'{window.last}'"

    def resolve(self, branch: Branch, delivery: Delivery, counts: Mapping[str, Any]) -> tuple[Delivery, Scope] | None:
        """The delivery without what is superseded, and what it replaces; None if no record is on two days."""
        inside = self._inside(branch, delivery, counts)
        outside = self._outside(branch, inside, is_small=counts["opened"] <= FEW_ROWS)
        if self._on_several_days(inside, outside).isEmpty():
            return None
        outside = outside.localCheckpoint()
        moved = self._on_several_days(inside, outside).distinct().localCheckpoint()
        inside = inside.join(F.broadcast(moved), on=self._key, how="left_semi")
        return self._resolved(branch, delivery, moved, inside, outside)

    def _on_several_days(self, inside: DataFrame, outside: DataFrame) -> DataFrame:
        """The keys of the window's records that are known outside of it, or on two of its days."""
        moved = outside.select(self._key)
        if self._window.first == self._window.last:
            return moved
        return moved.unionByName(inside.groupBy(self._key).count().where("count > 1").select(self._key))

    def _resolved(
        self, branch: Branch, delivery: Delivery, moved: DataFrame, inside: DataFrame, outside: DataFrame
    ) -> tuple[Delivery, Scope]:
        days = sorted(row.ingest_on for row in outside.select("ingest_on").distinct().collect())
        manifests = [manifest for day in days if (manifest := self._landing.manifest(day)) is not None]
        self._landing.verify(manifests)
        elsewhere = self._elsewhere(branch, moved, set(days) - {each.day for each in manifests}, manifests)
        copies = self._by_age(inside.unionByName(self._copies(elsewhere)), [*self._manifests, *manifests])
        self._remember(copies.select(*self._copy).unionByName(outside.select(*self._copy)).distinct())
        scope = Scope(self._table, self._window, self._changed_days(outside, copies), moved)
        superseded = F.broadcast(copies.where("age > 1").select(*self._copy))
        others = elsewhere.where(F.col("ingest_on").isin(list(scope.other_days)))

        def current(rows: DataFrame) -> DataFrame:
            return rows.unionByName(others).join(superseded, on=self._copy, how="left_anti").select(rows.columns)

        def raw(files: frozenset[str]) -> DataFrame:
            return delivery.raw(files).unionByName(self._raw(manifests, files))

        return replace(
            delivery,
            rows=current(delivery.rows),
            rows_of=lambda files: current(delivery.rows_of(files)),
            rejected=lambda files: with_reasons(current(delivery.rejected(files))),
            raw=raw,
        ), scope

    def _raw(self, manifests: list[Manifest], files: frozenset[str]) -> DataFrame:
        return records.raw_records(self._spark, self._landing, manifests, self._endpoint, files)

    def _inside(self, branch: Branch, delivery: Delivery, counts: Mapping[str, Any]) -> DataFrame:
        """Copies of the window: those on the branch by their first rows, and those of which a row was rejected."""
        written = branch.rows().where(self._window.holds(self._table.time_column))
        inside = self._copies(written.where(self._table.is_first_of_record))
        if counts["rejected"]:
            rejected = self._copies(delivery.rejected(files_of(counts)))
            inside = inside.unionByName(rejected).groupBy(*self._copy).agg(F.max("is_of_day").alias("is_of_day"))
        return inside

    def _outside(self, branch: Branch, inside: DataFrame, *, is_small: bool) -> DataFrame:
        """Key, ingest_on, place: where the window's records, and those that once were in it, are known."""
        is_outside = f"not ({self._is_inside})"
        silver = branch.main().where(self._window.misses(self._table.time_column))
        quarantine = self._spark.table(f"{tables.SILVER}.quarantine_{self._table.name}").where(is_outside)
        moved = self._spark.table(tables.moved_records(self._table))
        known = (
            self._record_days(silver, F.col(self._key), "silver")
            .unionByName(self._record_days(quarantine, F.expr(tables.record_of_id(self._table)), "quarantine"))
            .unionByName(self._record_days(moved.where(is_outside), F.col(self._key), "moved"))
        )
        keys = inside.select(self._key).unionByName(moved.where(self._is_inside).select(self._key))
        return known.join(F.broadcast(keys) if is_small else keys, on=self._key, how="left_semi")

    def _elsewhere(
        self, branch: Branch, moved: DataFrame, not_landed: set[date], manifests: list[Manifest]
    ) -> DataFrame:
        """These records on other days: rows as landing has them, of days it does not hold as silver has them."""
        landed = records.api_records(self._spark, self._landing, manifests, self._endpoint)
        is_moved = F.col(f"record.{self._endpoint.key}") == moved[self._key]
        deliveries = transform_of(self._table)(landed.join(F.broadcast(moved), on=is_moved, how="left_semi"))
        rows = records.newest_delivery(deliveries, *self._copy)
        silver = branch.main().where(F.col("ingest_on").isin(list(not_landed)))
        kept = silver.join(F.broadcast(moved), on=self._key, how="left_semi").select(
            *(name for name in rows.columns if name not in LANDING_COLUMNS),
            F.lit(None).cast("string").alias("file"),
            F.lit(None).cast("int").alias("position"),
            F.array().cast("array<string>").alias("reasons"),
        )
        return rows.unionByName(kept).localCheckpoint()

    def _by_age(self, copies: DataFrame, manifests: list[Manifest]) -> DataFrame:
        """The copies with `age`, 1 for the one that counts. A manifest of before `landed_at` has its end instead."""
        landed_at = [F.lit(text) for each in manifests for text in (each.ingest_on, each.landed_at or each.finished_at)]
        newest_first = Rows.partitionBy(self._key).orderBy(
            F.desc("is_of_day"), F.desc_nulls_last("landed_at"), F.desc("ingest_on")
        )
        timed = copies.withColumn("landed_at", F.create_map(*landed_at)[F.col("ingest_on").cast("string")])
        return timed.withColumn("age", F.row_number().over(newest_first)).localCheckpoint()

    def _changed_days(self, outside: DataFrame, copies: DataFrame) -> tuple[date, ...]:
        """The days outside the window on which a record stands that does not count there, or does not that counts."""
        standing = outside.where("place <> 'moved'").select(*self._copy).distinct()
        due = copies.where("age = 1").where(f"not ({self._is_inside})").select(*self._copy)
        differing = standing.join(due, on=self._copy, how="left_anti").unionByName(
            due.join(standing, on=self._copy, how="left_anti")
        )
        return tuple(sorted(row.ingest_on for row in differing.select("ingest_on").distinct().collect()))

    def _remember(self, copies: DataFrame) -> None:
        """Adds what is not among the moved records yet: nothing when the same window is refined again."""
        news = copies.join(
            self._spark.table(tables.moved_records(self._table)), on=self._copy, how="left_anti"
        ).localCheckpoint()
        if not news.isEmpty():
            tables.add_moved_records(self._table, news.select(*self._copy))

    def _copies(self, rows: DataFrame) -> DataFrame:
        """One row per record and day: `is_of_day` says whether its time lies on that day."""
        is_of_day = F.coalesce(F.to_date(self._table.time_column) == F.col(INGEST_ON), F.lit(False))
        identified = rows.where(F.col(self._key).isNotNull())
        return identified.groupBy(*self._copy).agg(F.max(is_of_day).alias("is_of_day"))

    def _record_days(self, rows: DataFrame, key: Column, place: str) -> DataFrame:
        return rows.select(key.alias(self._key), INGEST_ON, F.lit(place).alias("place"))
