"""A lake knows its sources: the first is written down, another one is refused before anything is asked for."""

import json
from pathlib import Path

import pytest

from spark_jobs import main
from spark_jobs.lake.source_identity import SourceIdentity
from spark_jobs.problem import Problem
from spark_jobs.sources.identity import api_identity, database_identity

SESSION = '[{"session_id": "s1"}]'


def land(uri: str, api_url: str, *options: str) -> dict[str, str]:
    argv = ["land", "--table", "sessions", "--from", "2020-01-01", "--to", "2020-01-01", "--api-attempts", "1"]

    def no_spark() -> None:
        raise AssertionError("the API needs no Spark")

    problem: dict[str, str] = main.run([*argv, "--landing-uri", uri, "--api-url", api_url, *options], no_spark).get(
        "problem", {}
    )
    return problem


def recorded(uri: str) -> str:
    return str(json.loads((Path(uri.removeprefix("file://")) / "api/_source.json").read_text())["source"])


def test_another_source_is_refused_before_any_request_unless_accepted(server, answer, uri: str) -> None:
    server.answers = [answer(SESSION, headers={"X-Total-Count": "1"})]
    assert land(uri, server.url) == {}
    assert recorded(uri) == server.url
    requests = len(server.requests)
    before = sorted(Path(uri.removeprefix("file://")).rglob("*"))

    refused = land(uri, f"{server.url}/v2")

    assert refused["what"] == "This lake holds the deliveries of another source"
    assert refused["value"] == f"it holds: {server.url}; given is: {server.url}/v2"
    assert "make run ACCEPT_SOURCES=1" in refused["way_out"]
    assert (len(server.requests), sorted(Path(uri.removeprefix("file://")).rglob("*"))) == (requests, before)

    assert land(uri, server.url + "/") == {}
    assert land(uri, f"{server.url}/v2", "--accept-sources", "true") == {}
    assert recorded(uri) == f"{server.url}/v2"
    assert land(uri, server.url)["what"] == refused["what"]


def test_source_is_written_by_the_first_delivery_and_not_before(server, answer, uri: str) -> None:
    server.answers = [answer("gone", 404)]
    assert land(uri, server.url)["what"].startswith("The API answered 404")
    assert not (Path(uri.removeprefix("file://")) / "api/_source.json").exists()


def test_lake_of_an_earlier_version_takes_the_source_it_meets(server, answer, uri: str) -> None:
    server.answers = [answer(SESSION, headers={"X-Total-Count": "1"})]
    land(uri, server.url)
    (Path(uri.removeprefix("file://")) / "api/_source.json").unlink()

    assert land(uri, server.url, "--source-identity", "made-up data of seed 1, scale 1") == {}
    assert recorded(uri) == "made-up data of seed 1, scale 1"


def test_damaged_file_is_named(uri: str, tmp_path: Path) -> None:
    (tmp_path / "landing/api").mkdir(parents=True)
    (tmp_path / "landing/api/_source.json").write_text('{"sou')

    with pytest.raises(Problem, match=r"_source\.json.*remove the file"):
        SourceIdentity(uri, "api", "x").check()


@pytest.mark.parametrize(
    ("url", "known_by"),
    [
        ("http://Shop.example:80/v1/", "http://shop.example/v1"),
        ("https://shop.example:443", "https://shop.example"),
        ("https://me:hidden@shop.example/v1?key=hidden", "https://shop.example/v1"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("http://me:hidden@shop.example:port", "shop.example:port"),
    ],
)
def test_api_is_known_by_its_place(url: str, known_by: str) -> None:
    assert api_identity(url) == known_by


def test_database_is_known_by_hosts_and_name() -> None:
    assert database_identity("jdbc:postgresql://B:2,a:1/songs?sslmode=require") == "postgresql://a:1,b:2/songs"
