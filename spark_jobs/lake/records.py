"""Records: landed files as frames that the silver functions take.

A record of the API is one row: file, position in it, ingest_on, `record`, a struct as the table's declaration says with
every leaf a string, and `error`, why it is null where the text is no record.

Valid pages are read by Spark as they are; malformed ones are cut by `pages.records`, and Spark reads the
records that passed there. Texts about which Spark and landing could disagree never reach Spark.
"""

from collections.abc import Iterable
from datetime import date

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import Window as Rows
from pyspark.sql import functions as F

from spark_jobs import pages
from spark_jobs.lake.landing import LandedFile, Landing, Manifest
from spark_jobs.silver.declaration import Endpoint

PIECES = "array<struct<raw:string,error:string>>"


def api_records(
    spark: SparkSession,
    landing: Landing,
    manifests: Iterable[Manifest],
    endpoint: Endpoint,
    names: frozenset[str] | None = None,
) -> DataFrame:
    """One row per landed record, of the named files if names are given."""
    valid, malformed = _files(landing, manifests, names)
    records = _parse(_texts(spark, landing, valid), f"array<{endpoint.record}>", "record")
    records = records.withColumn("error", F.lit(None).cast("string"))
    if not malformed:
        return records
    pieces = _pieces(_texts(spark, landing, malformed), endpoint.key)
    record = F.when(F.col("error").isNull(), F.from_json("raw", endpoint.record))
    return records.unionByName(pieces.withColumn("record", record).drop("raw"))


def raw_records(
    spark: SparkSession, landing: Landing, manifests: Iterable[Manifest], endpoint: Endpoint, names: frozenset[str]
) -> DataFrame:
    """file, position and `raw`, the record's text, of the named files."""
    valid, malformed = _files(landing, manifests, names)
    raw = _parse(_texts(spark, landing, valid), "array<string>", "raw").drop("ingest_on")
    if not malformed:
        return raw
    return raw.unionByName(_pieces(_texts(spark, landing, malformed), endpoint.key).drop("ingest_on", "error"))


def newest_delivery(rows: DataFrame, *key: str) -> DataFrame:
    """The rows of one record per `key`: what was landed last, then the newest day, last page and last position wins.

    A row whose key is null belongs to a record of its own: all of them stay. Frames of one landing have no `landed_at`.
    """
    age = ("landed_at", "ingest_on", "file", "position")
    unidentified = F.concat_ws("#", "file", "position")
    identity = F.when(F.col(key[0]).isNull(), unidentified).otherwise(F.col(key[0]))
    newest_first = Rows.partitionBy("identity", *key[1:]).orderBy(
        *(F.desc(name) for name in age if name in rows.columns)
    )
    ranked = rows.withColumn("identity", identity).withColumn("age", F.rank().over(newest_first))  # of a record, all
    return ranked.where("age = 1").drop("identity", "age")


def database_records(spark: SparkSession, landing: Landing, manifest: Manifest, columns: tuple[str, ...]) -> DataFrame:
    """One row per landed row of a database: the source's columns, file, position and ingest_on.

    A column that was declared after the snapshot was landed is null.
    """
    folder = landing.folder_of(manifest)
    rows = spark.read.parquet(*(f"{folder}/{file.name}" for file in manifest.files))
    return rows.select(
        *(F.col(name) if name in rows.columns else F.lit(None).cast("string").alias(name) for name in columns),
        F.col("_metadata.file_name").alias("file"),
        F.col("_metadata.row_index").alias("position"),
        F.lit(manifest.ingest_on).cast("date").alias("ingest_on"),
    )


def raw_rows(landed: DataFrame, columns: tuple[str, ...]) -> DataFrame:
    """file, position and `raw`, the row as JSON."""
    return landed.select("file", "position", F.to_json(F.struct(*columns)).alias("raw"))


def _files(
    landing: Landing, manifests: Iterable[Manifest], names: frozenset[str] | None
) -> tuple[list[str], list[str]]:
    """Addresses of the valid and of the malformed pages. A manifest of before there was that field tells neither."""
    valid: list[str] = []
    malformed: list[str] = []
    for manifest in manifests:
        for file in manifest.files:
            if names is None or f"{manifest.ingest_on}/{file.name}" in names:
                (valid if file.is_malformed is False else malformed).append(
                    f"{landing.folder_of(manifest)}/{file.name}"
                )
    return valid, malformed


def _texts(spark: SparkSession, landing: Landing, files: list[str]) -> DataFrame:
    """One row per page: its text, file name and ingest_on."""
    if not files:
        return spark.createDataFrame([], "value string, ingest_on date, file string")
    texts = spark.read.option("basePath", landing.uri).text(files, wholetext=True)
    day = F.col("ingest_on").cast("date")
    return texts.select("value", day.alias("ingest_on"), F.concat_ws("/", day, "_metadata.file_name").alias("file"))


def _parse(texts: DataFrame, schema: str, name: str) -> DataFrame:
    return texts.select("file", "ingest_on", F.posexplode(F.from_json("value", schema)).alias("position", name))


def _pieces(texts: DataFrame, key: str) -> DataFrame:
    """Malformed pages cut into records, in Python: file, ingest_on, position, `raw` text, and `error`."""
    cut = F.udf(lambda body: [(each.text, each.error) for each in pages.records(bytes(body), key)], PIECES)
    body = F.col("value").cast("binary")  # as text, Spark would put another character for a byte that is no UTF-8
    pieces = texts.select("file", "ingest_on", F.posexplode(cut(body)).alias("position", "piece"))
    return pieces.select("file", "ingest_on", "position", "piece.raw", "piece.error")


def write_snapshot(rows: DataFrame, landing: Landing, day: date) -> list[LandedFile]:
    """Writes the rows as Parquet into the day's folder and says what was written. Row order within a file is kept."""
    folder = f"{landing.folder(day)}/_writing"
    rows.write.mode("overwrite").parquet(folder)
    return landing.adopt(day, "_writing")
