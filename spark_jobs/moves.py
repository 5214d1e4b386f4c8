"""Moves: sessions that were delivered on more than one day, of which one delivery counts.

A session's key holds for the whole table, a refinement sees its window. A source that corrects a start delivers the
session on another day, and lists it on the old one no more, or still. Of the days that landing holds a session under,
the newest delivery counts: first those whose start lies on the day asked for, then what was landed last, then the
later day. That order hangs on landing alone, not on which day was refined first.

The order of commits. The window is written to its branch; its sessions are looked up in the rest of silver, in
quarantine and among the sessions that have moved before (only their ids are read, so history costs no more). Mostly
none is found. Else the other days' deliveries of these sessions are read from landing, what is known of their days is
added to deftunes_ops.moved_sessions, and the branch is written anew: the window without superseded deliveries, and the
other days whose rows change, in one commit. The table of moved sessions only ever says where to look: a crash after
it was written harms nothing, and without it a session that moves back would be lost, for silver has forgotten its
other delivery (test_moved_sessions.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import Window as Rows
from pyspark.sql import functions as F

from spark_jobs.lake import records, tables
from spark_jobs.lake.landing import Landing, Manifest
from spark_jobs.lake.tables import Branch
from spark_jobs.lake.writes import LANDING_COLUMNS, Scope
from spark_jobs.refine import Delivery
from spark_jobs.silver import sessions
from spark_jobs.window import Window

COPY = ["session_id", "ingest_on"]  # one delivery of a session: a day has no more of it
# Up to so many sessions of a window each task is sent all of them; more are shuffled.
FEW_SESSIONS = 500_000


class Moves:
    """Finds the sessions of one window that other days have too."""

    def __init__(self, spark: SparkSession, landing: Landing, window: Window, manifests: list[Manifest]) -> None:
        self._spark, self._landing, self._window, self._manifests = spark, landing, window, manifests
        self._is_inside = f"ingest_on between date'{window.first}' and date'{window.last}'"

    def resolve(self, branch: Branch, delivery: Delivery, counts: Mapping[str, Any]) -> tuple[Delivery, Scope] | None:
        """The delivery without what is superseded, and what it replaces; None if no session is on two days."""
        inside = self._inside(branch, delivery, counts)
        outside = self._outside(branch, inside, is_small=counts["opened"] <= FEW_SESSIONS).localCheckpoint()
        moved = outside.select("session_id")
        if self._window.first < self._window.last:
            moved = moved.unionByName(inside.groupBy("session_id").count().where("count > 1").select("session_id"))
        if moved.isEmpty():
            return None
        moved = moved.distinct().localCheckpoint()
        inside = inside.join(F.broadcast(moved), on="session_id", how="left_semi")
        return self._resolved(branch, delivery, moved, inside, outside)

    def _resolved(
        self, branch: Branch, delivery: Delivery, moved: DataFrame, inside: DataFrame, outside: DataFrame
    ) -> tuple[Delivery, Scope]:
        days = sorted(row.ingest_on for row in outside.select("ingest_on").distinct().collect())
        manifests = [manifest for day in days if (manifest := self._landing.manifest(day)) is not None]
        self._landing.verify(manifests)
        elsewhere = self._elsewhere(branch, moved, set(days) - {each.day for each in manifests}, manifests)
        copies = self._by_age(inside.unionByName(_copies(elsewhere)), [*self._manifests, *manifests])
        self._remember(copies.select(*COPY).unionByName(outside.select(*COPY)).distinct())
        scope = Scope(self._window, self._changed_days(outside, copies), moved)
        superseded = F.broadcast(copies.where("age > 1").select(*COPY))
        others = elsewhere.where(F.col("ingest_on").isin(list(scope.other_days)))

        def current(rows: DataFrame) -> DataFrame:
            return rows.unionByName(others).join(superseded, on=COPY, how="left_anti").select(rows.columns)

        def raw(files: set[str]) -> DataFrame:
            return delivery.raw(files).unionByName(records.raw_records(self._spark, self._landing, manifests, files))

        rows_of: Callable[[set[str]], DataFrame] = lambda files: current(delivery.rows_of(files))  # noqa: E731
        return replace(delivery, rows=current(delivery.rows), rows_of=rows_of, raw=raw), scope

    def _inside(self, branch: Branch, delivery: Delivery, counts: Mapping[str, Any]) -> DataFrame:
        """Copies of the window: those on the branch, and those that nothing but rejected rows came of."""
        written = branch.rows().where(self._window.holds("session_start_time"))
        inside = _copies(written)
        if counts["rejected"]:
            rejected = delivery.rows_of(set(counts["files"].split("\n"))).where("size(reasons) > 0")
            inside = inside.unionByName(_copies(rejected)).groupBy(*COPY).agg(F.max("is_of_day").alias("is_of_day"))
        return inside

    def _outside(self, branch: Branch, inside: DataFrame, *, is_small: bool) -> DataFrame:
        """session_id, ingest_on, place: where the window's sessions, and those that once were in it, are known."""
        is_outside = f"not ({self._is_inside})"
        silver = branch.main().where(self._window.misses("session_start_time"))
        quarantine = self._spark.table(f"{tables.SILVER}.quarantine_sessions").where(is_outside)
        moved = self._spark.table(tables.MOVED_SESSIONS)
        known = (
            _known(silver, F.col("session_id"), "silver")
            .unionByName(_known(quarantine, F.expr(tables.KEY_OF_RECORD), "quarantine"))
            .unionByName(_known(moved.where(is_outside), F.col("session_id"), "moved"))
        )
        keys = inside.select("session_id").unionByName(moved.where(self._is_inside).select("session_id"))
        return known.join(F.broadcast(keys) if is_small else keys, on="session_id", how="left_semi")

    def _elsewhere(
        self, branch: Branch, moved: DataFrame, not_landed: set[date], manifests: list[Manifest]
    ) -> DataFrame:
        """These sessions on other days: rows as landing has them, of days it does not hold as silver has them."""
        landed = records.api_records(self._spark, self._landing, manifests, sessions.LANDED)
        is_moved = F.col("record.session_id") == moved.session_id
        rows = sessions.sessions(landed.join(F.broadcast(moved), on=is_moved, how="left_semi"))
        silver = branch.main().where(F.col("ingest_on").isin(list(not_landed)))
        kept = silver.join(F.broadcast(moved), on="session_id", how="left_semi").select(
            *(name for name in rows.columns if name not in LANDING_COLUMNS),
            F.lit(None).cast("string").alias("file"),
            F.lit(None).cast("int").alias("position"),
            F.array().cast("array<string>").alias("reasons"),
        )
        return rows.unionByName(kept).localCheckpoint()

    def _by_age(self, copies: DataFrame, manifests: list[Manifest]) -> DataFrame:
        """The copies with `age`, 1 for the one that counts. A manifest of before `landed_at` has its end instead."""
        landed_at = [F.lit(text) for each in manifests for text in (each.ingest_on, each.landed_at or each.finished_at)]
        newest_first = Rows.partitionBy("session_id").orderBy(
            F.desc("is_of_day"), F.desc_nulls_last("landed_at"), F.desc("ingest_on")
        )
        timed = copies.withColumn("landed_at", F.create_map(*landed_at)[F.col("ingest_on").cast("string")])
        return timed.withColumn("age", F.row_number().over(newest_first)).localCheckpoint()

    def _changed_days(self, outside: DataFrame, copies: DataFrame) -> tuple[date, ...]:
        """The days outside the window on which a session stands that does not count there, or does not that counts."""
        standing = outside.where("place <> 'moved'").select(*COPY).distinct()
        due = copies.where("age = 1").where(f"not ({self._is_inside})").select(*COPY)
        differing = standing.join(due, on=COPY, how="left_anti").unionByName(
            due.join(standing, on=COPY, how="left_anti")
        )
        return tuple(sorted(row.ingest_on for row in differing.select("ingest_on").distinct().collect()))

    def _remember(self, copies: DataFrame) -> None:
        """Adds what is not among the moved sessions yet: nothing when the same window is refined again."""
        news = copies.join(self._spark.table(tables.MOVED_SESSIONS), on=COPY, how="left_anti").localCheckpoint()
        if not news.isEmpty():
            tables.add_moved_sessions(news.select(*COPY))


def _copies(rows: DataFrame) -> DataFrame:
    """One row per session and day: `is_of_day` says whether it starts on that day."""
    is_of_day = F.coalesce(F.to_date("session_start_time") == F.col("ingest_on"), F.lit(False))
    identified = rows.where("session_id is not null")
    return identified.groupBy(*COPY).agg(F.max(is_of_day).alias("is_of_day"))


def _known(rows: DataFrame, session_id: Column, place: str) -> DataFrame:
    return rows.select(session_id.alias("session_id"), "ingest_on", F.lit(place).alias("place"))
