"""Which sources are ours is decided by their address, wherever it was given; whose password goes where follows it."""

import shutil
from pathlib import Path

import pytest

from deftunes import target
from deftunes.run.job_arguments import job_arguments, source_password
from deftunes.services import lifecycle
from deftunes.services.mock_source import MockSource, SourceError, is_own_api, is_own_database
from deftunes.target import Target
from tests.checkout import PROJECT

PORTS = {"POSTGRES_PORT": "5433", "MOCK_API_PORT": "8001"}


def with_lines(root: Path, **lines: str) -> Target:
    """The embedded target whose file has these values."""
    shutil.copytree(PROJECT / "targets", root / "targets")
    path = root / "targets/embedded.env"
    written = [(key, line) for line in path.read_text().splitlines() for key in [line.partition("=")[0]]]
    path.write_text("\n".join(f"{key}={lines[key]}" if key in lines else line for key, line in written))
    return target.load("embedded", root, {})


@pytest.mark.parametrize(
    ("api_url", "is_own"),
    [
        ("http://127.0.0.1:8001", True),
        ("http://localhost:8001/", True),
        ("http://127.0.0.1:8002", False),
        ("http://127.0.0.1:8001/v2", False),
        ("https://127.0.0.1:8001", False),
        ("http://shop.example:8001", False),
    ],
)
@pytest.mark.parametrize("is_in_the_file", [True, False])
def test_api_is_ours_by_its_address(tmp_path: Path, api_url: str, is_own: bool, is_in_the_file: bool) -> None:
    if is_in_the_file:
        assert is_own_api(with_lines(tmp_path, **PORTS, API_URL=api_url)) is is_own
    else:
        assert is_own_api(target.load("embedded", PROJECT, {**PORTS, "API_URL": api_url})) is is_own


@pytest.mark.parametrize(
    ("dsn", "is_own"),
    [
        ("postgresql://deftunes@127.0.0.1:5433/deftunes", True),
        ("postgres://deftunes:word@localhost:5433/deftunes", True),
        ("postgresql://deftunes@127.0.0.1:5432/deftunes", False),
        ("postgresql://deftunes@127.0.0.1:5433/shop", False),
        ("postgresql://postgres@127.0.0.1:5433/deftunes", False),
        ("postgresql://deftunes@shop.example:5433/deftunes", False),
        ("postgresql://deftunes@127.0.0.1:5433,shop.example:5433/deftunes", False),
    ],
)
@pytest.mark.parametrize("is_in_the_file", [True, False])
def test_database_is_ours_by_its_address(tmp_path: Path, dsn: str, is_own: bool, is_in_the_file: bool) -> None:
    if is_in_the_file:
        assert is_own_database(with_lines(tmp_path, **PORTS, SOURCE_DSN=dsn)) is is_own
    else:
        assert is_own_database(target.load("embedded", PROJECT, {**PORTS, "SOURCE_DSN": dsn})) is is_own


def test_password_of_our_database_is_sent_to_no_other_one(tmp_path: Path) -> None:
    theirs = with_lines(tmp_path, SOURCE_DSN="postgresql://me@shop.example/songs")

    assert source_password(theirs, "ours", {}) == ""
    assert source_password(theirs, "ours", {"SOURCE_PASSWORD": "theirs"}) == "theirs"
    assert source_password(target.load("embedded", PROJECT, {}), "ours", {"SOURCE_PASSWORD": "theirs"}) == "ours"


def test_arguments_of_a_job_have_the_user_and_no_password() -> None:
    own = target.load("embedded", PROJECT, {"SOURCE_DSN": "postgresql://a%40b:hid%40den@shop.example/songs"})

    written = job_arguments(own, "land", "songs", "2020-01-01", "2020-01-01", "r1", MockSource(42, 1.0))

    given = dict(zip(written[1::2], written[2::2], strict=True))
    assert (given["--source-user"], given["--source-url"]) == ("a@b", "jdbc:postgresql://shop.example:5432/songs")
    assert given["--source-identity"] == "postgresql://shop.example:5432/songs"
    assert "hid" not in " ".join(written)
    assert source_password(own, "ours", {}) == "hid@den"


def test_our_sources_are_known_by_what_they_hold(tmp_path: Path) -> None:
    csv = tmp_path / "songs.csv"
    own = target.load("embedded", PROJECT, {})

    def identity(mock: MockSource) -> str:
        written = job_arguments(own, "land", "songs", "2020-01-01", "2020-01-01", "r1", mock)
        return written[written.index("--source-identity") + 1]

    assert identity(MockSource(42, 1.0)) == "made-up data of seed 42, scale 1"
    assert identity(MockSource(42, 0.5, csv)) == f"made-up data of seed 42, scale 0.5, songs of {csv}"


def test_csv_is_read_before_anything_starts(tmp_path: Path) -> None:
    wanted = with_lines(tmp_path)
    songs = tmp_path / "songs.csv"
    for text, message in (
        ("track_id;title;song_id\n", r"songs\.csv, line 1: columns look separated by ';'"),
        (None, "No such"),
    ):
        songs.unlink(missing_ok=True)
        if text:
            songs.write_text(text)
        with pytest.raises(SourceError, match=message):
            lifecycle.up(wanted, 42, 1.0, songs)
    assert not (tmp_path / "var").exists()
