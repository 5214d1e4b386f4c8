"""The server's command line: what it says when it cannot start, and what it takes from its environment."""

import socket
from pathlib import Path

import pytest

from mock_api.__main__ import _parser, main


def test_port_is_named_when_it_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--port", str(port), "--scale", "0.02"]) == 1
    printed = capsys.readouterr().err
    assert printed == (
        f"mock_api cannot start: port {port} of 127.0.0.1 cannot be used (Address already in use): "
        "choose another --port or --host\n"
    )


def test_port_is_refused_when_there_is_no_such_port(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--port", "70000"])
    assert "'70000' is no port: give 0 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--scale", "0"], ["--songs-csv", "no-such-file.csv"]])
def test_reason_is_given_when_the_dataset_cannot_be_made(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--port", "0", *arguments]) == 1
    printed = capsys.readouterr().err
    assert printed.startswith("mock_api cannot start: ")
    assert arguments[1] in printed


def test_songs_file_comes_from_the_environment_unless_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONGS_CSV", "real.csv")
    assert _parser().parse_args([]).songs_csv == Path("real.csv")
    assert _parser().parse_args(["--songs-csv", "other.csv"]).songs_csv == Path("other.csv")
    monkeypatch.setenv("SONGS_CSV", "")
    assert _parser().parse_args([]).songs_csv is None
