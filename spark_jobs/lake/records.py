"""Records: landed files as frames that the silver functions take.

A record of the API is one row: file, position in it, ingest_on, and `record`, the struct the table's
LANDED schema names with every leaf a string, or null where the text is no JSON object.
"""

from collections.abc import Iterable
from datetime import date

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from spark_jobs import pages
from spark_jobs.lake.landing import LandedFile, Landing, Manifest
from spark_jobs.sources.song_database import SONG_COLUMNS

PIECES = "array<string>"


def api_records(
    spark: SparkSession, landing: Landing, manifests: Iterable[Manifest], schema: str, names: set[str] | None = None
) -> DataFrame:
    """One row per landed record, of the named files if names are given.

    Pages that are no valid JSON are cut into records by `pages.records`.
    """
    whole, broken = _files(landing, manifests, names)
    records = _opened(_texts(spark, landing, whole), f"array<{schema}>", "record")
    if not broken:
        return records
    pieces = _pieces(_texts(spark, landing, broken), landing.table)
    is_object = F.from_json("raw", "map<string,string>").isNotNull()  # a struct would come out empty, not null
    repaired = pieces.withColumn("record", F.when(is_object, F.from_json("raw", schema))).drop("raw")
    return records.unionByName(repaired)


def raw_records(spark: SparkSession, landing: Landing, manifests: Iterable[Manifest], names: set[str]) -> DataFrame:
    """file, position and `raw`, the record's text, of the named files."""
    whole, broken = _files(landing, manifests, names)
    raw = _opened(_texts(spark, landing, whole), PIECES, "raw").drop("ingest_on")
    if not broken:
        return raw
    return raw.unionByName(_pieces(_texts(spark, landing, broken), landing.table).drop("ingest_on"))


def song_records(spark: SparkSession, landing: Landing, manifest: Manifest) -> DataFrame:
    """One row per landed catalogue row: the source's columns, file, position and ingest_on."""
    folder = landing.folder_of(manifest)
    files = [f"{folder}/{file.name}" for file in manifest.files]
    return spark.read.parquet(*files).select(
        *SONG_COLUMNS,
        F.col("_metadata.file_name").alias("file"),
        F.col("_metadata.row_index").alias("position"),
        F.lit(manifest.ingest_on).cast("date").alias("ingest_on"),
    )


def raw_songs(songs: DataFrame) -> DataFrame:
    """file, position and `raw`, the row as JSON."""
    return songs.select("file", "position", F.to_json(F.struct(*SONG_COLUMNS)).alias("raw"))


def _files(landing: Landing, manifests: Iterable[Manifest], names: set[str] | None) -> tuple[list[str], list[str]]:
    """Addresses of the pages: those that are valid JSON throughout, and those that hold an unreadable record."""
    whole: list[str] = []
    broken: list[str] = []
    for manifest in manifests:
        for file in manifest.files:
            if names is None or f"{manifest.ingest_on}/{file.name}" in names:
                (broken if file.unreadable else whole).append(f"{landing.folder_of(manifest)}/{file.name}")
    return whole, broken


def _texts(spark: SparkSession, landing: Landing, files: list[str]) -> DataFrame:
    """One row per page: its text, file name and ingest_on."""
    if not files:
        return spark.createDataFrame([], "value string, ingest_on date, file string")
    texts = spark.read.option("basePath", landing.uri).text(files, wholetext=True)
    day = F.col("ingest_on").cast("date")
    return texts.select("value", day.alias("ingest_on"), F.concat_ws("/", day, "_metadata.file_name").alias("file"))


def _opened(texts: DataFrame, schema: str, name: str) -> DataFrame:
    return texts.select("file", "ingest_on", F.posexplode(F.from_json("value", schema)).alias("position", name))


def _pieces(texts: DataFrame, table: str) -> DataFrame:
    """Pages cut into pieces of text, in Python: only for pages that Spark's JSON reader refuses."""
    key = pages.RECORD_KEYS[table]
    cut = F.udf(lambda text: pages.records(text, key), PIECES)
    return texts.select("file", "ingest_on", F.posexplode(cut("value")).alias("position", "raw"))


def write_snapshot(rows: DataFrame, landing: Landing, day: date) -> list[LandedFile]:
    """Writes the rows as Parquet into the day's folder and says what was written. Row order within a file is kept."""
    folder = f"{landing.folder(day)}/_writing"
    rows.write.mode("overwrite").parquet(folder)
    return landing.adopt(day, "_writing")
