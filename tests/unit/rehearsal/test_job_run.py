"""A run is started as Glue would start it: nothing of this machine reaches the script but what is listed."""

from pathlib import Path

import pytest

from rehearsal.glue import job_run

ARGUMENTS = {
    "--verb": "refine",
    "--table": "users",
    "--conf": "spark.sql.session.timeZone=UTC --conf spark.sql.catalog.lake.warehouse=s3://lake/warehouse?a=b",
    "--extra-jars": "s3://code/jars/a.jar",
    "--datalake-formats": "iceberg",
}


def test_one_conf_holds_all_settings() -> None:
    conf = job_run.conf(ARGUMENTS)
    assert conf["spark.sql.session.timeZone"] == "UTC"
    assert conf["spark.sql.catalog.lake.warehouse"] == "s3://lake/warehouse?a=b"
    assert [name for name in conf if "endpoint" in name or name.endswith(".uri")] == []  # found by name, as on AWS


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
    environment = job_run.environment(Path("/root-of-it"), Path("/folder"))
    assert "SOURCE_PASSWORD" not in environment
    assert [name for name in environment if name.startswith("AWS_")] == ["AWS_CONTAINER_CREDENTIALS_FULL_URI"]


def test_only_addresses_of_sources_are_requested_beside_aws() -> None:
    url = "jdbc:postgresql://127.0.0.1:5432/deftunes"
    arguments = {"--source-url": url, "--landing-uri": "s3://lake/landing", "--api-url": "http://127.0.0.1:8000/v1"}
    assert job_run.addresses(arguments) == [("127.0.0.1", 5432), ("127.0.0.1", 8000)]


def test_api_of_a_demonstration_is_made_by_the_job_itself() -> None:
    arguments = {"--api-url": "http://127.0.0.1:8000", "--demo-code": "s3://code/jobs/mock_api.zip"}
    assert job_run.addresses(arguments) == []
