"""The three silver tables: how each is refined, and what landing holds for a window of it."""

from datetime import timedelta

from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from spark_jobs.lake import records, writes
from spark_jobs.lake.landing import Landing, Manifest
from spark_jobs.lake.tables import Branch
from spark_jobs.refine import Delivery, Table
from spark_jobs.silver import sessions, songs, users
from spark_jobs.window import Window

SOURCES = {"users": "api", "sessions": "api", "songs": "postgres"}


def _in_window(branch: Branch, rows: DataFrame, window: Window) -> DataFrame:  # noqa: ARG001  all are called alike
    return branch.rows().where(window.holds("session_start_time"))


def _delivered(key: str):  # type: ignore[no-untyped-def]
    def rows_of(branch: Branch, rows: DataFrame, window: Window) -> DataFrame:  # noqa: ARG001
        return branch.rows().join(writes.accepted(rows).select(key), on=key, how="left_semi")

    return rows_of


TABLES = {
    "users": Table("users", users.COLUMNS, "", users.KEY, writes.merge_users, _delivered("user_id")),
    "sessions": Table(
        "sessions",
        sessions.COLUMNS,
        "days(session_start_time)",
        sessions.KEY,
        writes.replace_window,
        _in_window,
        references=("users", "songs"),
    ),
    "songs": Table("songs", songs.COLUMNS, "", songs.KEY, writes.merge_snapshot, _delivered("track_id")),
}


def delivery(spark: SparkSession, landing: Landing, window: Window) -> Delivery:
    """What landing holds for the window. Raises Problem if a day of it was not landed."""
    if landing.table == "songs":
        return _snapshot(spark, landing, window)
    manifests = landing.manifests(window.days())
    if landing.table == "users":
        manifests = _history(landing, window) + manifests
    module = users if landing.table == "users" else sessions
    read = Observation()
    landed = records.api_records(spark, landing, manifests, module.LANDED)
    landed = landed.observe(read, F.count(F.lit(1)).alias("records"))
    rows = users.users(landed).localCheckpoint() if landing.table == "users" else sessions.sessions(landed)
    return Delivery(
        rows=rows,
        read=read,
        raw=lambda names: records.raw_records(spark, landing, manifests, names),
        landed_records=sum(manifest.rows for manifest in manifests),
        first=min(manifest.day for manifest in manifests),
        last=window.last,
    )


def _history(landing: Landing, window: Window) -> list[Manifest]:
    """The delivery of everybody before the window, if this window's landing asked for it."""
    before = landing.manifest(window.first - timedelta(days=1))
    return [before] if before is not None and before.window["first"] is None else []


def _snapshot(spark: SparkSession, landing: Landing, window: Window) -> Delivery:
    manifest = landing.manifests([window.last])[0]
    read = Observation()
    landed = records.song_records(spark, landing, manifest)
    observed = landed.observe(read, F.count(F.lit(1)).alias("records"))
    return Delivery(
        rows=songs.songs(observed).localCheckpoint(),
        read=read,
        raw=lambda names: records.raw_songs(landed),  # noqa: ARG005  a snapshot is small: its rows are their own text
        landed_records=manifest.rows,
        first=window.last,
        last=window.last,
    )
