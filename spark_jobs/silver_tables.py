"""The three silver tables: how each is refined, and what landing holds for a window of it."""

from datetime import timedelta

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from spark_jobs.lake import records, writes
from spark_jobs.lake.landing import Landing, Manifest
from spark_jobs.lake.tables import Branch
from spark_jobs.lake.writes import Scope
from spark_jobs.moves import Moves
from spark_jobs.problem import Problem
from spark_jobs.refine import Delivery, Table
from spark_jobs.silver import sessions, songs, users
from spark_jobs.window import Window

PROPAGATE_EMPTY = "org.apache.spark.sql.execution.adaptive.AQEPropagateEmptyRelation"
# Below this many bytes of landing, compiling a query takes longer than interpreting it.
WORTH_COMPILING = 8 << 20

SOURCES = {"users": "api", "sessions": "api", "songs": "postgres"}


def _in_scope(branch: Branch, rows: DataFrame, scope: Scope) -> DataFrame:  # noqa: ARG001  all are called alike
    window = branch.rows().where(scope.window.holds("session_start_time"))
    return window.unionByName(scope.others(branch.rows(), "left_semi")) if scope.other_days else window


def _delivered(key: str):  # type: ignore[no-untyped-def]
    def rows_of(branch: Branch, rows: DataFrame, scope: Scope) -> DataFrame:  # noqa: ARG001
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
        _in_scope,
        references=("users", "songs"),
        begins_record="item_number is null or item_number = 1",
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
    manifests = landing.manifests(window.days())
    return [*_before(landing, window, manifests), *manifests] if landing.table == "users" else manifests


def _users(
    spark: SparkSession, landing: Landing, window: Window, manifests: list[Manifest], is_small: bool
) -> Delivery:
    read = Observation()
    landed = _observed(records.api_records(spark, landing, manifests, users.LANDED), read)
    of_several_days = [manifest.ingest_on for manifest in manifests if manifest.is_of_several_days]
    newest = users.users(landed.withColumn("landed_at", _landed_at(manifests)))
    rows = users.of_their_own_day(newest, of_several_days).localCheckpoint()
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
        resolve=Moves(spark, landing, window, manifests).resolve,
    )


def _observed(landed: DataFrame, read: Observation) -> DataFrame:
    return landed.observe(read, F.count(F.lit(1)).alias("records"))


def _landed_at(manifests: list[Manifest]) -> Column:
    """When the delivery of the row's day was first landed; null where its manifest does not say."""
    times = [F.lit(text) for manifest in manifests for text in (manifest.ingest_on, manifest.landed_at)]
    return F.create_map(*times)[F.col("ingest_on").cast("string")].cast("timestamp")


def _before(landing: Landing, window: Window, manifests: list[Manifest]) -> list[Manifest]:
    """The delivery of the days before the window, if this window's landing asked for them.

    Taken in too often, it changes nothing: these users were refined before.
    """
    before = landing.manifest(window.first - timedelta(days=1))
    if before is None:
        return []
    landed_at = min(manifest.landed_at for manifest in manifests)
    is_landed_with = bool(landed_at) and before.landed_at >= landed_at
    return [before] if before.is_of_several_days or is_landed_with else []


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
