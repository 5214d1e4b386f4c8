"""Writes: how each silver table changes on its branch.

Sessions are replaced by window, users merged by the newest delivery, songs compared with the full
snapshot. Each says whether main would change, so that the same delivery again publishes nothing.
`rows` carry their reasons; the first action of each write reads all of them once, which is when
refine's figures are observed.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from spark_jobs.lake.tables import Branch, fingerprint, hash_of, observed_fingerprint
from spark_jobs.window import Window

LANDING_COLUMNS = ("file", "position", "reasons")


def accepted(rows: DataFrame) -> DataFrame:
    """The rows that nothing was found against, in silver's columns."""
    return rows.where(F.size("reasons") == 0).drop(*LANDING_COLUMNS)


def replace_window(branch: Branch, rows: DataFrame, window: Window) -> bool:
    """Sessions: the window's rows are these and no others. Cost does not grow with history."""
    scope = window.holds("session_start_time")
    written, seen = observed_fingerprint(accepted(rows))
    branch.replace(written, scope, f"{window.first}/{window.last}")
    return branch.is_first() or fingerprint(branch.main().where(scope)) != seen()


def merge_users(branch: Branch, rows: DataFrame, window: Window) -> bool:  # noqa: ARG001  all writes are called alike
    """Users: a newer delivery replaces an older one, in whatever order they are refined."""
    users = accepted(rows)
    known = branch.main().select(F.col("user_id"), F.struct(*users.columns).alias("known"))
    is_news = F.col("known").isNull() | (F.col("ingest_on") > F.col("known.ingest_on"))
    is_corrected = (F.col("ingest_on") == F.col("known.ingest_on")) & (_content(users) != _content_of("known", users))
    changes = users.join(known, on="user_id", how="left").where(is_news | is_corrected)
    return _merge(branch, changes.select(*users.columns, F.col("known").isNotNull().alias("is_known")), "user_id")


def merge_snapshot(branch: Branch, rows: DataFrame, window: Window) -> bool:
    """Songs: new and changed tracks are written; tracks no longer delivered get `vanished_on`."""
    rows.count()
    songs = accepted(rows)
    content = [name for name in songs.columns if name != "ingest_on"]
    current = branch.main()
    known = current.select("track_id", hash_of(content).alias("known_hash"))
    is_new = F.col("known_hash").isNull() | (hash_of(content) != F.col("known_hash"))
    is_known = F.col("known_hash").isNotNull().alias("is_known")
    written = songs.join(known, on="track_id", how="left").where(is_new).select(*songs.columns, is_known)
    vanished = (
        current.where("vanished_on is null")
        .join(rows.select("track_id"), on="track_id", how="left_anti")
        .withColumn("vanished_on", F.lit(window.last))
        .select(*songs.columns, F.lit(True).alias("is_known"))
    )
    return _merge(branch, written.unionByName(vanished), "track_id")


def _content(users: DataFrame) -> Column:
    """All columns in one text, nulls kept apart from empty texts."""
    return F.to_json(F.struct(*users.columns))


def _content_of(struct: str, users: DataFrame) -> Column:
    return F.to_json(F.struct(*[F.col(f"{struct}.{name}").alias(name) for name in users.columns]))


def _merge(branch: Branch, changes: DataFrame, key: str) -> bool:
    """Writes the changes; `is_known` says whether the key is in the table. Rows that are all new need no MERGE."""
    changes = changes.localCheckpoint()  # a short plan: MERGE reads its source twice
    counts = changes.agg(F.count("*").alias("all"), F.count_if("is_known").alias("known")).first()
    if counts is None or not counts["all"]:
        return False
    rows = changes.drop("is_known")
    branch.merge(rows, key) if counts["known"] else branch.append(rows)
    return True
