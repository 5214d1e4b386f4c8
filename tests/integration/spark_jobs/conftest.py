"""A lake of its own for each test file: landing in a folder, tables in a real Iceberg REST catalog."""

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from spark_jobs import main, pages
from spark_jobs.lake import records
from spark_jobs.lake.landing import Landing, Manifest
from spark_jobs.silver import TABLES
from tests.spark_session import JAVA, ROOT, quiet, session

TOKEN = "only-for-this-test"
TRACK = """track_id string, title string, song_id string, release string, artist_id string, artist_mbid string,
  artist_name string, duration double, artist_familiarity double, artist_hotttnesss double, year int,
  track_7digitalid int, shs_perf int, shs_work int"""


def pytest_configure(config: pytest.Config) -> None:
    quiet(config)


class Lake:
    """Lands inline records, refines them as the command line does, and shows what the tables hold."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self.spark, self.landing_uri = spark, f"file://{folder}/landing"

    def land(
        self, table: str, day: str, *delivered: list[Any] | str, first: str | None = "", landed_at: str = ""
    ) -> None:
        """Lands pages of the API, given as records or as text. `first` is asked for from there, None: since ever.

        Without `landed_at` as manifests were before they had it.
        """
        landing, files, keys = Landing(self.landing_uri, TABLES[table].source.kind, table), [], []
        for number, page in enumerate(delivered, 1):
            body = (page if isinstance(page, str) else json.dumps(page)).encode()
            count = pages.count(body, TABLES[table].source.key)
            keys += count.keys
            figures = count.records, count.unreadable, count.is_malformed
            files.append(landing.write(date.fromisoformat(day), number, body, *figures))
        window = {"first": first if first != "" else day, "last": day}
        repeated = len(keys) - len(set(keys))
        landing.commit(Manifest(table, day, window, "inline", "", "", files, repeated, landed_at=landed_at))

    def land_songs(self, day: str, tracks: Sequence[dict[str, Any]]) -> None:
        """Lands a snapshot of the catalogue: these tracks and no others."""
        landing, on = Landing(self.landing_uri, "postgres", "songs"), date.fromisoformat(day)
        files = records.write_snapshot(self.spark.createDataFrame(tracks, TRACK).coalesce(1), landing, on)
        landing.commit(Manifest("songs", day, {"first": None, "last": day}, "inline", "", "", files))

    def refine(
        self,
        table: str,
        first: str,
        last: str = "",
        references: Callable[[], bool] | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        """The job's summary; options as the job's arguments are called."""
        argv = ["refine", "--table", table, "--from", first, "--to", last or first, "--landing-uri", self.landing_uri]
        options = {"rules_uri": ROOT / "quality", "run_id": "r1", **options}
        for name, value in options.items():
            argv += [f"--{name.replace('_', '-')}", str(value)]
        return main.run(argv, lambda: self.spark, references)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query; SILVER and OPS stand for the namespaces."""
        text = sql.replace("SILVER", "lake.deftunes_silver").replace("OPS", "lake.deftunes_ops")
        return [tuple(row) for row in self.spark.sql(text).collect()]

    def head(self, table: str) -> int:
        """The snapshot that readers of the table see."""
        return int(self.rows(f"select snapshot_id from SILVER.{table}.refs where name = 'main'")[0][0])

    def branches(self, table: str) -> list[str]:
        """Branches of the table beside main."""
        return self._refs(table, "type = 'BRANCH' and name <> 'main'")

    def tags(self, table: str) -> list[str]:
        return self._refs(table, "type = 'TAG'")

    def _refs(self, table: str, condition: str) -> list[str]:
        return [name for (name,) in self.rows(f"select name from SILVER.{table}.refs where {condition} order by 1")]

    def drop(self) -> None:
        for namespace in ("deftunes_silver", "deftunes_ops"):
            if self.spark.catalog.databaseExists(f"lake.{namespace}"):
                for row in self.spark.sql(f"show tables in lake.{namespace}").collect():
                    self.spark.sql(f"drop table lake.{namespace}.{row.tableName}")


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an Iceberg REST catalog that keeps its tables below a temporary folder."""
    folder, port = tmp_path_factory.mktemp("catalog"), _free_port()
    environment = {
        **os.environ,
        "CATALOG_CATALOG__IMPL": "org.apache.iceberg.jdbc.JdbcCatalog",
        "CATALOG_CATALOG_NAME": "lake",
        "CATALOG_URI": f"jdbc:sqlite:{folder}/catalog.db",
        "CATALOG_JDBC_SCHEMA__VERSION": "V1",
        "CATALOG_WAREHOUSE": f"file://{folder}/warehouse",
        "CATALOG_IO__IMPL": "org.apache.iceberg.hadoop.HadoopFileIO",
        "CATALOG_REST_PORT": str(port),
        "CATALOG_TOKEN": TOKEN,
    }
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(_program(folder), env=environment, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", server, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="session")
def spark(catalog: str, tmp_path_factory: pytest.TempPathFactory) -> SparkSession:
    spark = session(tmp_path_factory.mktemp("spark")).newSession()
    spark.conf.set("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog")
    spark.conf.set("spark.sql.catalog.lake.type", "rest")
    spark.conf.set("spark.sql.catalog.lake.uri", catalog)
    spark.conf.set("spark.sql.catalog.lake.token", TOKEN)
    return spark


@pytest.fixture(scope="module")
def lake(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = Lake(spark, tmp_path_factory.mktemp("lake"))
    yield lake
    lake.drop()


def _program(folder: Path) -> list[str | Path]:
    """The embedded target's own catalog server, which listens on loopback only."""
    spark_jars = ROOT / ".venv/spark/lib/python3.11/site-packages/pyspark/jars"
    jars = [*spark_jars.glob("janino-*.jar"), *spark_jars.glob("commons-compiler-*.jar")]
    jars += (ROOT / "var/jars").glob("iceberg-open-api-*.jar")
    java = [JAVA / "bin/java", "-Xmx256m", f"-Djava.io.tmpdir={folder}", "-cp", ":".join(map(str, jars))]
    return [
        *java,
        "org.codehaus.janino.SimpleCompiler",
        ROOT / "deftunes/services/LoopbackCatalog.java",
        "LoopbackCatalog",
    ]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            assert server.poll() is None, log.read_text()
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer: {log.read_text()}")
