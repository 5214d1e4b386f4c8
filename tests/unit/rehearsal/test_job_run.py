"""A run is started as Glue would start it: nothing of this machine reaches the script but what is listed."""

from pathlib import Path

import pytest

from rehearsal.glue import job_run
from rehearsal.glue.emulators import Credentials, Emulators

HERE = Emulators(Path("/root-of-it"), Path("/folder"), "http://127.0.0.1:1", "http://127.0.0.1:2", "user", "secret")
ARGUMENTS = {
    "--verb": "refine",
    "--table": "users",
    "--conf": "spark.sql.session.timeZone=UTC --conf spark.sql.catalog.lake.warehouse=s3://lake/warehouse?a=b",
    "--extra-jars": "s3://code/jars/a.jar",
    "--datalake-formats": "iceberg",
}


def test_one_conf_holds_all_settings() -> None:
    conf = job_run.conf(HERE, ARGUMENTS)
    assert conf["spark.sql.session.timeZone"] == "UTC"
    assert conf["spark.sql.catalog.lake.warehouse"] == "s3://lake/warehouse?a=b"
    assert conf["spark.sql.catalog.lake.glue.endpoint"] == "http://127.0.0.1:1"
    assert conf["spark.sql.catalog.lake.s3.endpoint"] == "http://127.0.0.1:2"


def test_script_gets_glues_names_and_its_own_pairs() -> None:
    assert job_run.own_arguments("shop-refine", "jr_1", ARGUMENTS) == [
        *("--JOB_NAME", "shop-refine", "--JOB_RUN_ID", "jr_1", "--verb", "refine", "--table", "users")
    ]


def test_command_line_is_sparks_own() -> None:
    files = job_run.Files(Path("/f/entry.py"), [Path("/f/a.zip"), Path("/f/b.zip")], [Path("/f/a.jar")])
    command = job_run.command_line(Path("/root-of-it"), files, ["--verb", "land"], {"spark.master": "local[2]"})
    assert command[0].endswith("/bin/spark-submit")
    assert command[-5:] == ["--py-files", "/f/a.zip,/f/b.zip", "/f/entry.py", "--verb", "land"]
    assert "spark.master=local[2]" in command
    [path] = [word for word in command if word.startswith("spark.driver.extraClassPath=")]
    assert path.endswith(":/f/a.jar")


def test_no_environment_reaches_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_PASSWORD", "hunter2")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    environment = job_run.environment(HERE, Credentials("key", "secret", "token"))
    assert "SOURCE_PASSWORD" not in environment
    assert "AWS_PROFILE" not in environment
    assert environment["AWS_SESSION_TOKEN"] == "token"
    assert environment["AWS_ENDPOINT_URL_S3"] == "http://127.0.0.1:2"
