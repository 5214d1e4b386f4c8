"""Rows of silver.songs: one per landed row of the catalogue.

Landing holds a full snapshot of the source table, every value as text. The source writes its unknowns as numbers:
year 0, shs_perf -1, shs_work 0, and an empty artist_mbid; silver has null there. Any other value that the column's
type cannot hold keeps the row out of silver, with the value as its reason (docs/decisions/0041).
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from spark_jobs.silver.transforms.reasons import is_unreadable, reason, reasons

SOURCE = "postgres"

# Bytes that the warehouse's columns hold (dbt/models/staging/stg_silver__songs.sql): Redshift cuts what is longer.
LONGEST_TEXTS = {"title": 1024, "release": 1024, "artist_name": 1024, "artist_id": 18, "artist_mbid": 36}
FRACTIONS = ("duration", "artist_familiarity", "artist_hotttnesss")
WHOLE_NUMBERS = {"year": "int", "track_7digitalid": "bigint", "shs_perf": "bigint", "shs_work": "bigint"}
BITS = {"int": 32, "bigint": 64}

BLANK = r"^[\s\p{Z}]*$"
FRACTION = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
WHOLE = r"^[+-]?\d+(\.0*)?$"
WHOLE_WITH_EXPONENT = r"^[+-]?\d+(\.\d{1,15})?[eE]\+?\d{1,2}$"


def songs(landed: DataFrame) -> DataFrame:
    """One row per landed row. Durations in seconds. Returns the silver columns plus file, position and reasons."""
    return landed.transform(texts).transform(with_types).transform(with_rejection_reasons)


def texts(landed: DataFrame) -> DataFrame:
    """Every value as text, also those of landings that still have the source's types. A blank key is none."""
    numbers = [F.trim(F.col(name).cast("string")).alias(name) for name in (*FRACTIONS, *WHOLE_NUMBERS)]
    return landed.select(
        "file", "position", "ingest_on",
        _not_blank("track_id"), "title", "song_id", "release", "artist_id", "artist_mbid", "artist_name", *numbers,
    )  # fmt: skip


def with_types(rows: DataFrame) -> DataFrame:
    """The silver columns, null where a text is no number that fits; `delivered` has the numbers' texts."""
    return rows.select(
        "file", "position", "ingest_on", "track_id", "title", "song_id", "release", "artist_id", "artist_mbid",
        "artist_name",
        *[_fraction(F.col(name)).alias(name) for name in FRACTIONS],
        *[_whole(F.col(name), kind).alias(name) for name, kind in WHOLE_NUMBERS.items()],
        F.struct(*[_not_blank(name) for name in (*FRACTIONS, *WHOLE_NUMBERS)]).alias("delivered"),
    )  # fmt: skip


def with_rejection_reasons(rows: DataFrame) -> DataFrame:
    """The contract's columns, the source's sentinels null, with the reasons a row may not enter silver."""
    why = reasons(
        F.when(F.col("track_id").isNull(), F.lit("track_id is missing")),
        *[reason(F.col(name).rlike(BLANK), f"{name} is blank", F.col(name)) for name in ("song_id", "artist_id")],
        *[_unreadable_number(name, "no finite number") for name in FRACTIONS],
        *[_unreadable_number(name, f"no whole number of {BITS[kind]} bits") for name, kind in WHOLE_NUMBERS.items()],
        *[reason(F.octet_length(name) > bytes_, f"{name} is longer than {bytes_} bytes", F.col(name))
          for name, bytes_ in LONGEST_TEXTS.items()],
    )  # fmt: skip
    return rows.select(
        "track_id", "title", "song_id", "release", "artist_id", _not_blank("artist_mbid"), "artist_name", "duration",
        "artist_familiarity", "artist_hotttnesss",
        _null_if("year", 0), "track_7digitalid", _null_if("shs_perf", -1), _null_if("shs_work", 0), "ingest_on",
        F.lit(SOURCE).alias("source_from"), F.lit(None).cast("date").alias("vanished_on"),
        "file", "position", why.alias("reasons"),
    )  # fmt: skip


def _fraction(text: Column) -> Column:
    """The double a text says; null where it says none, NaN, or more than a double holds."""
    number = F.when(text.rlike(FRACTION), text.cast("double"))
    return F.when(F.abs(number) < float("inf"), number)


def _whole(text: Column, kind: str) -> Column:
    """The whole number a text says, as 2001, 2001.0 or 2.001e+03; null where it says none, or one that does not fit."""
    plain = F.when(text.rlike(WHOLE), F.substring_index(text, ".", 1).cast(kind))
    exact = F.when(text.rlike(WHOLE_WITH_EXPONENT), text.cast("decimal(38,15)"))
    return F.coalesce(plain, F.when(exact == exact.cast(kind), exact.cast(kind)))


def _unreadable_number(name: str, lack: str) -> Column:
    text = F.col(f"delivered.{name}")
    return reason(is_unreadable(F.col(name), text), f"{name} is {lack}", text)


def _not_blank(name: str) -> Column:
    """The text column, null where it holds nothing but blanks."""
    return F.when(~F.col(name).rlike(BLANK), F.col(name)).alias(name)


def _null_if(name: str, sentinel: int) -> Column:
    """The column, null where the source says unknown."""
    return F.when(F.col(name) != F.lit(sentinel), F.col(name)).alias(name)
