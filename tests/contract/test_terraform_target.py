"""The AWS target is the same platform: its keys, versions, job arguments and package are those of the other targets."""

import ast
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import yaml

from deftunes import target
from deftunes.run import job_arguments
from spark_jobs.silver import TABLES
from tests.new_table import WRITTEN, checkout_with_playlists

ROOT = Path(__file__).parents[2]
TERRAFORM = ROOT / "terraform"
ROOT_CODE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(TERRAFORM.glob("*.tf")))
JOB_CODE = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted((TERRAFORM / "modules").glob("glue_job/main.tf"))
)
GLUES_OWN = {
    "--conf",
    "--custom-logGroup-prefix",
    "--datalake-formats",
    "--enable-auto-scaling",
    "--extra-jars",
    "--extra-py-files",
}
ENTRYS_OWN = {
    *("--verb", "--source-secret-arn", "--api-secret-arn", "--runs-uri", "--s3-region", "--demo-seed", "--demo-scale"),
}
BUILDS_OWN = {
    "--code-archive",
    "--packages-archive",
    *(f"--warehouse-{name}" for name in ("host", "port", "database", "user", "secret-arn", "readers")),
}  # of the job that builds gold
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:songs"
REGION = ("--s3-region", "eu-west-1")
LAND_SONGS = (*REGION, "--verb", "land", "--table", "songs")
ARGUMENTS_OF_A_RUN = {"--table", "--from", "--to", "--run-id"}


def script(name: str) -> ModuleType:
    """A file of terraform/ that is a script and no package."""
    spec = importlib.util.spec_from_file_location(Path(name).stem, TERRAFORM / name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main_options() -> set[str]:
    """The options of spark_jobs.main, which needs pyspark to be imported."""
    tree = ast.parse((ROOT / "spark_jobs/main.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    added = [call.args[0] for call in calls if ast.unparse(call.func) == "parser.add_argument"]
    return {str(name.value) for name in added if isinstance(name, ast.Constant)} - {"verb"}


def default_arguments() -> set[str]:
    return set(re.findall(r'"(--[\w-]+)" += ', ROOT_CODE + JOB_CODE))


def test_outputs_are_the_keys_of_the_target() -> None:
    outputs = re.findall(r'^output "(\w+)"', (TERRAFORM / "outputs.tf").read_text(), re.MULTILINE)
    assert [name.upper() for name in outputs] == list(target.KEYS)


def test_terraform_reads_every_key_of_the_target() -> None:
    pattern = re.search(r'target += .*regexall\("(.*?)", file\("\$\{local.checkout\}/targets/aws.env"\)\)', ROOT_CODE)
    assert pattern is not None
    read = re.findall(pattern[1], (ROOT / "targets/aws.env").read_text())
    assert [key for key, _ in read] == list(target.KEYS)


def test_what_only_terraform_knows_comes_after_apply() -> None:
    values = target.load("aws", ROOT, {}).values
    replaced = set(
        re.findall(
            r"^    ([A-Z0-9_]+) += ", re.findall(r"merge\(local\.target, \{(.*?)\}\)", ROOT_CODE, re.DOTALL)[0], re.M
        )
    )
    assert {key for key, value in values.items() if "after-apply" in value} == replaced


def test_profile_of_aws_asks_for_keys_of_the_target_and_a_password() -> None:
    """What it asks for beyond them has a default there; the password is in no file."""
    profile = (ROOT / "dbt/profiles.yml").read_text().split("\n    aws:\n")[1].split("\n    rehearsal:\n")[0]
    wanted_keys = set(re.findall(r"env_var\('(\w+)'\)", profile))
    assert wanted_keys - set(target.KEYS) == {"REDSHIFT_PASSWORD"}
    assert {key for key in target.KEYS if key.startswith("REDSHIFT_")} == wanted_keys - {"REDSHIFT_PASSWORD"} | {
        "REDSHIFT_SECRET_ARN"
    }


def test_written_values_override_the_placeholders() -> None:
    """What `make aws-env` writes is brought in by the environment."""
    loaded = target.load("aws", ROOT, {"LANDING_URI": "s3://deftunes-lake-123456789012/landing"})
    assert loaded["LANDING_URI"] == "s3://deftunes-lake-123456789012/landing"


def test_spark_settings_fit_into_one_argument() -> None:
    """Glue takes one --conf, in which a blank would end a value."""
    passed = {key: value for key, value in target.load("aws", ROOT, {}).spark_conf.items() if value != "by-glue"}
    assert [key for key, value in passed.items() if re.search(r"\s", value)] == []
    assert passed["spark.sql.catalog.lake.type"] == "glue"


def test_jobs_get_the_arguments_that_every_job_gets() -> None:
    """What the launcher says elsewhere is in the job definition here, but for table, window and run."""
    written = job_arguments.job_arguments(
        target.load("aws", ROOT, {}), "land", "users", "2020-01-01", "2020-01-02", "r"
    )
    options = {argument for argument in written if argument.startswith("--")}
    assert options - ARGUMENTS_OF_A_RUN <= default_arguments()
    assert default_arguments() - GLUES_OWN - ENTRYS_OWN - BUILDS_OWN <= main_options()
    entry = (TERRAFORM / "jobs/glue_entry.py").read_text()
    assert [name for name in BUILDS_OWN if name.rpartition("--")[2].removeprefix("warehouse-") not in entry] == []
    assert default_arguments() & ARGUMENTS_OF_A_RUN == set()


def test_databases_are_those_the_jobs_name() -> None:
    named = re.findall(
        r'^(?:SILVER|OPS) = "lake\.(\w+)"$', (ROOT / "spark_jobs/lake/tables.py").read_text(), re.MULTILINE
    )
    made = re.findall(r"^    (\w+) += \"", (TERRAFORM / "modules/lake/main.tf").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(name for name in made if name.startswith("deftunes_")) != []


def test_databases_are_those_that_models_read() -> None:
    """The warehouse sees each database of the lake as an external schema of its name."""
    sources = [
        source
        for path in (ROOT / "dbt/models").rglob("_*.yml")
        for source in yaml.safe_load(path.read_text())["sources"]
    ]
    made = re.findall(r"^    (\w+) += \"", (TERRAFORM / "modules/lake/main.tf").read_text(), re.MULTILINE)
    assert sorted(source["schema"] for source in sources) == sorted(
        name for name in made if name.startswith("deftunes_")
    )
    assert re.search(r"databases +=  ?module\.lake\.databases", ROOT_CODE)


def test_sources_are_those_the_jobs_name() -> None:
    kinds = {table.source.kind for table in TABLES.values()}
    assert f"toset({json.dumps(sorted(kinds))})" in ROOT_CODE


def test_archive_is_named_by_its_content(tmp_path: Path) -> None:
    package = tmp_path / "spark_jobs"
    (package / "lake").mkdir(parents=True)
    (package / "main.py").write_text("x = 1\n")
    (package / "lake/tables.py").write_text("y = 2\n")
    sums = [
        (hashlib.sha256(text).hexdigest(), name)
        for text, name in ((b"y = 2\n", "lake/tables.py"), (b"x = 1\n", "main.py"))
    ]
    listed = "".join(f"{digest}  {name}\n" for digest, name in sums)

    before = script("package.py").content_sum(package)
    (package / "main.py").write_text("x = 3\n")

    assert before == hashlib.sha256(listed.encode()).hexdigest()
    assert script("package.py").content_sum(package) != before


def test_archive_of_the_same_files_is_the_same_and_can_be_imported(tmp_path: Path) -> None:
    archives = tmp_path / "a.zip", tmp_path / "b.zip"
    for each in archives:
        script("package.py").archive(ROOT / "spark_jobs", each)
    assert archives[0].read_bytes() == archives[1].read_bytes()
    with zipfile.ZipFile(archives[0]) as file:
        assert {"spark_jobs/main.py", "spark_jobs/lake/tables.py", "spark_jobs/silver/users.py"} <= set(file.namelist())


def test_table_that_a_fork_adds_is_in_all_that_terraform_reads(tmp_path: Path) -> None:
    """Its rules become a ruleset, its modules go to Glue and to Airflow, and no job has the tables in its arguments."""
    root = checkout_with_playlists(tmp_path / "fork").root
    rules = {path.stem for path in (root / "quality").glob("*.dqdl")}
    assert rules == {*TABLES, "playlists"}
    assert re.search(r'rules += \{ for file in fileset\("\$\{local\.checkout\}/quality", "\*\.dqdl"\)', ROOT_CODE)
    archive = tmp_path / "jobs.zip"
    script("package.py").archive(root / "spark_jobs", archive)
    with zipfile.ZipFile(archive) as file:
        assert {f"spark_jobs/silver/{folder}playlists.py" for folder in ("", "transforms/")} <= set(file.namelist())
    assert re.search(r'spark_jobs += +"spark_jobs/"', ROOT_CODE)
    assert "playlists" in (root / WRITTEN).read_text()
    assert not [table for table in TABLES if re.search(rf'"{table}"', ROOT_CODE)]


def make(verb: str, folder: Path, path: str) -> "subprocess.CompletedProcess[str]":
    """A verb of the Makefile in a folder of its own, with these programs."""
    (folder / "deftunes").symlink_to(ROOT / "deftunes")
    command = [str(shutil.which("make")), "--makefile", str(ROOT / "Makefile"), verb]
    return subprocess.run(command, cwd=folder, env={"PATH": path}, capture_output=True, text=True, check=False)


def test_aws_env_writes_the_outputs_as_keys(tmp_path: Path) -> None:
    outputs = {"landing_uri": {"value": "s3://b/landing"}, "dbt_target": {"value": "aws"}}
    (tmp_path / "terraform").write_text(f"#!/bin/sh\necho '{json.dumps(outputs)}'\n")
    (tmp_path / "terraform").chmod(0o755)

    done = make("aws-env", tmp_path, f"{tmp_path}:{os.environ['PATH']}")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "var/aws.env").read_text() == "LANDING_URI=s3://b/landing\nDBT_TARGET=aws\n"


def test_make_says_how_to_get_terraform_when_it_is_not_there(tmp_path: Path) -> None:
    done = make("terraform", tmp_path, str(tmp_path))

    assert done.returncode == 2
    assert "terraform is not on this machine: it is one program, version 1.11 or newer" in done.stdout


class Started:
    """Stands in for spark_jobs.main.run: keeps what it was given."""

    def __init__(self, summary: dict[str, Any]) -> None:
        self.summary = summary
        self.argv: list[str] = []

    def run(self, argv: list[str], sessions: object) -> dict[str, Any]:
        self.argv = argv
        return self.summary


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """The entry's imports, which this environment lacks: pyspark, the jobs, and a boto3 that knows one secret."""
    jobs = Started({"verb": "land"})
    secret = SimpleNamespace(
        get_secret_value=lambda SecretId: {  # noqa: N803  Amazon's name
            "SecretString": json.dumps({"password": f"of {SecretId}", "secret": f"token of {SecretId}"})
        }
    )

    def client(service: str, region_name: str) -> SimpleNamespace:
        assert (service, region_name) == ("secretsmanager", SECRET.split(":")[3])
        return secret

    monkeypatch.setitem(sys.modules, "pyspark", ModuleType("pyspark"))
    monkeypatch.setitem(sys.modules, "pyspark.sql", SimpleNamespace(SparkSession=None))
    monkeypatch.setitem(sys.modules, "spark_jobs.main", SimpleNamespace(run=jobs.run))
    monkeypatch.setitem(sys.modules, "boto3", SimpleNamespace(client=client))
    monkeypatch.setenv("AWS_REGION", "")
    monkeypatch.setenv("SOURCE_PASSWORD", "")
    monkeypatch.setenv("API_SECRET", "")
    return jobs


def test_entry_hands_over_what_glue_gave(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    given = ["--JOB_NAME", "deftunes-land-postgres", "--source-secret-arn", SECRET, *LAND_SONGS]

    script("jobs/glue_entry.py").main(given)

    assert started.argv[0] == "land"
    assert started.argv[1:] == [*given[:4], *REGION, "--table", "songs"]
    assert os.environ["AWS_REGION"] == "eu-west-1"
    assert os.environ["SOURCE_PASSWORD"] == f"of {SECRET}"
    assert os.environ["API_SECRET"] == ""


def test_entry_hands_over_the_secret_of_the_api(started: Started) -> None:
    script("jobs/glue_entry.py").main([*REGION, "--verb", "land", "--api-secret-arn", SECRET, "--table", "users"])

    assert os.environ["API_SECRET"] == f"token of {SECRET}"
    assert os.environ["SOURCE_PASSWORD"] == ""
    assert [argument for argument in started.argv if "token" in argument] == []


def test_entry_knows_no_password_without_a_secret(started: Started) -> None:
    script("jobs/glue_entry.py").main([*REGION, "--verb", "land", "--table", "users"])

    assert os.environ["SOURCE_PASSWORD"] == ""


def test_entry_fails_the_run_with_the_way_out(started: Started) -> None:
    problem = {
        "what": "The API's pages do not end",
        "where": "u",
        "value": "9",
        "way_out": "check it",
        "untouched": "-",
    }
    started.summary["problem"] = problem

    with pytest.raises(SystemExit) as stopped:
        script("jobs/glue_entry.py").main([*REGION, "--verb", "land", "--table", "users"])

    assert stopped.value.code == "The API's pages do not end. Where: u. Value: 9. What to do: check it"
