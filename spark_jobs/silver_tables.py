"""The three silver tables: how each is refined, and what landing holds for a window of it."""

from datetime import timedelta

from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from spark_jobs.lake import records, writes
from spark_jobs.lake.landing import Landing, Manifest
from spark_jobs.lake.tables import Branch
from spark_jobs.problem import Problem
from spark_jobs.refine import Delivery, Table
from spark_jobs.silver import sessions, songs, users
from spark_jobs.window import Window

PROPAGATE_EMPTY = "org.apache.spark.sql.execution.adaptive.AQEPropagateEmptyRelation"
# Below this many bytes of landing, compiling a query takes longer than interpreting it.
WORTH_COMPILING = 8 << 20

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
    # Spark leaves out what turns out to be empty, and with it the observation that refine then waits for without end.
    spark.conf.set("spark.sql.adaptive.optimizer.excludedRules", PROPAGATE_EMPTY)
    manifests = _manifests(landing, window)
    landing.verify(manifests)
    is_small = sum(manifest.bytes for manifest in manifests) <= WORTH_COMPILING
    spark.conf.set("spark.sql.codegen.wholeStage", str(not is_small).lower())
    of_table = {"users": _users, "sessions": _sessions, "songs": _songs}[landing.table]
    return of_table(spark, landing, window, manifests, is_small)


def whole_content(landing: Landing, window: Window) -> str | None:
    """What a delivery of the whole table consists of, as text; None for tables that are delivered by day."""
    return repr(_manifests(landing, window)[0].content()) if landing.table == "songs" else None


def _manifests(landing: Landing, window: Window) -> list[Manifest]:
    if landing.table == "songs":
        return landing.manifests([window.last])
    before = _history(landing, window) if landing.table == "users" else []
    return before + landing.manifests(window.days())


def _users(
    spark: SparkSession, landing: Landing, window: Window, manifests: list[Manifest], is_small: bool
) -> Delivery:
    read = Observation()
    landed = _observed(records.api_records(spark, landing, manifests, users.LANDED), read)
    rows = users.users(landed)
    if manifests[0].window["first"] is None:
        rows = users.of_their_own_day(rows, manifests[0].ingest_on)
    rows = rows.localCheckpoint()
    return Delivery(
        rows=rows,
        rows_of=lambda names: rows,  # noqa: ARG005  they are few
        raw=lambda names: records.raw_records(spark, landing, manifests, names),
        read=(read,),
        landed_records=sum(manifest.rows for manifest in manifests),
        first=min(manifest.day for manifest in manifests),
        last=window.last,
        is_small=is_small,
    )


def _sessions(
    spark: SparkSession, landing: Landing, window: Window, manifests: list[Manifest], is_small: bool
) -> Delivery:
    """Only days that hold a session twice are searched for the newest delivery: the others need no shuffle."""
    once = [manifest for manifest in manifests if not manifest.repeated]
    repeated = [manifest for manifest in manifests if manifest.repeated]

    def rows_of(names: set[str] | None, read_once: Observation, read_repeated: Observation) -> DataFrame:
        rows = sessions.items(_observed(records.api_records(spark, landing, once, sessions.LANDED, names), read_once))
        if not repeated:
            return rows
        again = _observed(records.api_records(spark, landing, repeated, sessions.LANDED), read_repeated)
        return rows.unionByName(sessions.sessions(again))

    read = Observation(), Observation()
    return Delivery(
        rows=rows_of(None, *read),
        rows_of=lambda names: rows_of(names, Observation(), Observation()),
        raw=lambda names: records.raw_records(spark, landing, manifests, names),
        read=read if repeated else read[:1],
        landed_records=sum(manifest.rows for manifest in manifests),
        first=window.first,
        last=window.last,
        is_small=is_small,
    )


def _observed(landed: DataFrame, read: Observation) -> DataFrame:
    return landed.observe(read, F.count(F.lit(1)).alias("records"))


def _history(landing: Landing, window: Window) -> list[Manifest]:
    """The delivery of everybody before the window, if this window's landing asked for it."""
    before = landing.manifest(window.first - timedelta(days=1))
    return [before] if before is not None and before.window["first"] is None else []


def _songs(
    spark: SparkSession, landing: Landing, window: Window, manifests: list[Manifest], is_small: bool
) -> Delivery:
    [manifest] = manifests
    if manifest.rows == 0:
        raise Problem(
            "The song catalogue is empty",
            manifest.request,
            f"0 rows in the snapshot of {manifest.ingest_on}",
            "fill the source table, then run again; an empty snapshot would mark every track as vanished",
        )
    read = Observation()
    landed = records.song_records(spark, landing, manifest)
    rows = songs.songs(_observed(landed, read)).localCheckpoint()
    return Delivery(
        rows=rows,
        rows_of=lambda names: rows,  # noqa: ARG005  they are few
        raw=lambda names: records.raw_songs(landed),  # noqa: ARG005  a catalogue row is its own text
        read=(read,),
        landed_records=manifest.rows,
        first=window.last,
        last=window.last,
        is_small=is_small,
    )
