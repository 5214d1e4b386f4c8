"""The sources of a demonstration, made by the job that lands them: an API beside it, songs in their database."""

import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, BinaryIO

import psycopg2
import pytest

from rehearsal import postgres
from tests.contract.test_terraform_target import ROOT, script

SONGS = "select count(*) from deftunes.songs"
Job = Callable[[list[str]], dict[str, Any]]


@pytest.fixture
def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def song_database(tmp_path: Path) -> Iterator[str]:
    """host:port/database of an empty PostgreSQL, whose user is postgres."""
    with postgres.serving(ROOT, tmp_path) as port:
        yield f"127.0.0.1:{port}/postgres"


@pytest.fixture
def land(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Job, list[str]], None]:
    """The entry that Glue starts, with a job of the test's own; archives come out of a folder instead of S3."""
    package, store = script("package.py"), tmp_path / "store"
    package.archive(ROOT / "mock_api", store / "jobs/mock_api.zip")
    package.pack(tmp_path, [], store / "jobs/demo_packages.zip")  # this environment has them

    def download(Bucket: str, Key: str, Fileobj: BinaryIO) -> None:  # noqa: N803  Amazon's names
        assert Bucket == "code"
        Fileobj.write((store / Key).read_bytes())

    def land(job: Job, arguments: list[str]) -> None:
        jobs = SimpleNamespace(run=lambda argv, _: job(argv))
        monkeypatch.setitem(sys.modules, "spark_jobs.main", jobs)
        archives = ["--demo-code", "s3://code/jobs/mock_api.zip", "--demo-packages", "s3://code/jobs/demo_packages.zip"]
        dataset = ["--demo-seed", "7", "--demo-scale", "0.05"]
        script("jobs/glue_entry.py").main(
            ["--s3-region", "eu-west-1", "--verb", "land", *archives, *dataset, *arguments]
        )

    s3 = SimpleNamespace(download_fileobj=download)
    monkeypatch.setitem(sys.modules, "pyspark", ModuleType("pyspark"))
    monkeypatch.setitem(sys.modules, "pyspark.sql", SimpleNamespace(SparkSession=None))
    monkeypatch.setitem(sys.modules, "boto3", SimpleNamespace(client=lambda _, region_name: s3))
    for name in ("AWS_REGION", "SOURCE_PASSWORD", "API_SECRET"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("PYTHONPATH", "")
    return land


def rows(song_database: str, sql: str) -> Any:
    with closing(psycopg2.connect(f"postgresql://postgres@{song_database}")) as connection:
        cursor = connection.cursor()
        cursor.execute(sql)
        return cursor.fetchall()


def execute(song_database: str, sql: str) -> None:
    with closing(psycopg2.connect(f"postgresql://postgres@{song_database}")) as connection, connection:
        connection.cursor().execute(sql)


def of_songs(song_database: str) -> list[str]:
    return ["--table", "songs", "--source-url", f"jdbc:postgresql://{song_database}", "--source-user", "postgres"]


def nothing(_: list[str]) -> dict[str, Any]:
    return {"verb": "land"}


def test_the_mock_api_answers_while_the_job_runs_and_no_longer(
    land: Callable[[Job, list[str]], None], free_port: int
) -> None:
    url = f"http://127.0.0.1:{free_port}"
    answers: list[bytes] = []

    def job(_: list[str]) -> dict[str, Any]:
        with urllib.request.urlopen(f"{url}/sessions?start_date=2020-01-01&end_date=2020-01-01") as answer:
            answers.append(answer.read())
        return {"verb": "land"}

    land(job, ["--table", "sessions", "--api-url", url])

    assert b"session_id" in answers[0]
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(url)


def test_an_api_that_cannot_be_made_up_stops_the_job_with_the_reason(
    land: Callable[[Job, list[str]], None], free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(SystemExit, match="The API of the demonstration does not answer"):
        land(nothing, ["--table", "users", "--api-url", f"http://127.0.0.1:{free_port}"])


def test_the_first_landing_fills_the_song_database_and_later_ones_leave_it(
    land: Callable[[Job, list[str]], None], song_database: str
) -> None:
    land(nothing, of_songs(song_database))
    [(made,)] = rows(song_database, SONGS)
    execute(song_database, "delete from deftunes.songs where track_id = (select min(track_id) from deftunes.songs)")
    land(nothing, of_songs(song_database))

    assert made > 10
    assert rows(song_database, SONGS) == [(made - 1,)]


def test_a_database_that_does_not_answer_stops_the_job_with_the_reason(
    land: Callable[[Job, list[str]], None], free_port: int
) -> None:
    with pytest.raises(SystemExit, match=r"The songs of the demonstration could not be made\..*Connection refused"):
        land(nothing, of_songs(f"127.0.0.1:{free_port}/postgres"))


def test_the_sources_are_the_same_with_the_numpy_that_glue_brings(tmp_path: Path) -> None:
    """Glue has numpy 1, as the environment of its jobs here; the embedded target's sources run on numpy 2."""
    made = (
        "import hashlib, numpy\n"
        "from mock_api.dataset import dataset, song_table\n"
        "made = dataset(7, 0.05, None)\n"
        "rows = [song_table(7, 0.05, None), made.users.json(0, 300), made.sessions.json(0, 300)]\n"
        "text = repr([each.to_pylist() for each in rows])\n"
        "print(numpy.__version__[0], hashlib.sha256(text.encode()).hexdigest())\n"
    )
    packages = next((ROOT / ".venv/lake/lib").glob("python*/site-packages"))
    for name in ("faker", "typing_extensions.py"):  # what the archive of the demonstration has of them
        (tmp_path / name).symlink_to(packages / name)
    digests = {}
    for environment in ("lake", "spark"):
        done = subprocess.run(
            [str(ROOT / f".venv/{environment}/bin/python"), "-c", made],
            env={"PYTHONPATH": f"{ROOT}:{tmp_path}"},
            capture_output=True,
            text=True,
            check=True,
        )
        version, digest = done.stdout.split()
        digests[version] = digest
    assert sorted(digests) == ["1", "2"]
    assert digests["1"] == digests["2"]
