"""Rows of silver.sessions: one per song bought in a session.

Landing holds one record per session, with a list of items, delivered again whenever its day is asked
for again. The API's `song_id` is a track id; `liked_since` can be years after the session.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.silver.transforms.reasons import is_unreadable, reason, reasons, timestamp, unreadable_record


def sessions(landed: DataFrame) -> DataFrame:
    """One row per item. Prices in the item's currency.

    Returns the silver columns plus file, position and reasons. A session without items is one row without an item,
    rejected: it must not vanish.
    """
    return landed.transform(open_items).transform(with_types).transform(with_rejection_reasons)


def open_items(landed: DataFrame) -> DataFrame:
    """One row per item; item_number counts from 1, null for a session that has none.

    Rows carry the session's own fields, not its list: a list of 50 000 items must not be copied 50 000 times.
    """
    fields = landed.select(
        "file", "position", "ingest_on", "error", F.col("record").isNotNull().alias("is_record"),
        "record.session_id", "record.user_id", "record.user_agent",
        F.col("record.session_start_time").alias("start"), F.col("record.session_items").alias("items"),
        F.col("record.session_items").isNotNull().alias("has_list"),
    )  # fmt: skip
    return fields.select("*", F.posexplode_outer("items").alias("item_index", "item")).drop("items")


def with_types(opened: DataFrame) -> DataFrame:
    """The silver columns, null where the text could not be read, beside the texts they came from."""
    return opened.select(
        "file", "position", "error", "is_record", "has_list", "start", "item", "ingest_on", "session_id",
        (F.col("item_index") + 1).alias("item_number"),
        "user_id",
        F.col("item.song_id").alias("track_id"),  # the API calls it song_id; it is a track id
        F.col("item.song_name").alias("song_name"),
        F.col("item.artist_id").alias("artist_id"),
        F.col("item.artist_name").alias("artist_name"),
        F.col("item.price").cast("decimal(38,18)").alias("exact_price"),
        F.col("item.price").cast("decimal(10,2)").alias("price"),
        F.col("item.currency").alias("currency"),
        F.col("item.liked").cast("boolean").alias("liked"),
        timestamp(F.col("item.liked_since")).alias("liked_since"),
        "user_agent",
        timestamp(F.col("start")).alias("session_start_time"),
    )  # fmt: skip


def with_rejection_reasons(rows: DataFrame) -> DataFrame:
    """The contract's columns, with the reasons a row may not enter silver."""
    is_record, item_missing = F.col("is_record"), F.col("is_record") & F.col("item").isNull()
    has_item, is_null_item = F.col("item").isNotNull(), F.col("item_number").isNotNull()
    other_day = F.to_date("session_start_time") != F.col("ingest_on")
    start, price, liked, since = (F.col(name) for name in ("start", "item.price", "item.liked", "item.liked_since"))
    why = reasons(
        F.when(~is_record, unreadable_record(F.col("error"))),
        F.when(item_missing & F.col("has_list") & ~is_null_item, F.lit("the session has no items")),
        F.when(item_missing & ~F.col("has_list"), F.lit("session_items is missing or no list of objects")),
        F.when(item_missing & is_null_item, F.lit("the item is null")),
        F.when(is_record & F.col("session_id").isNull(), F.lit("session_id is missing")),
        reason(has_item & F.col("session_start_time").isNull(), "session_start_time is no timestamp", start),
        reason(other_day, "session_start_time is not on the day asked for", start),
        reason(has_item & F.col("price").isNull(), "price is no number", price),
        reason(F.col("price") != F.col("exact_price"), "price has more than 2 decimals", price),
        reason(has_item & F.col("liked").isNull(), "liked is no boolean", liked),
        reason(is_unreadable(F.col("liked_since"), since), "liked_since is no timestamp", since),
        reason(F.col("liked") != since.isNotNull(), "liked_since does not go with liked", since),
    )
    return rows.select(
        "session_id", "item_number", "user_id", "track_id", "song_name", "artist_id", "artist_name", "price",
        "currency", "liked", "liked_since", "user_agent", "session_start_time", "ingest_on",
        "file", "position", why.alias("reasons"),
    )  # fmt: skip
