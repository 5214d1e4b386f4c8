"""A database of the user's own is read and never written, whoever's server it is on and wherever it was named."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import cursor

from deftunes import target
from deftunes.services import lifecycle, passwords
from deftunes.services import song_database as source
from deftunes.services.lifecycle import Endpoints
from deftunes.services.mock_source import MockSource, SourceError
from mock_api.load import MARK
from tests.integration.services.conftest import PROJECT, SCALE, SEED

COMMENT = "select obj_description('deftunes.songs'::regclass)"
DATABASE_COMMENT = "select shobj_description(oid, 'pg_database') from pg_database where datname = 'deftunes'"


@contextmanager
def statements(dsn: str, password: str) -> Iterator[cursor]:
    opened = closing(psycopg2.connect(dsn, password=password))
    with opened as connection, connection, connection.cursor() as cursor:
        yield cursor


def ours(at: Endpoints) -> Any:
    return statements(at.source_dsn, at.source_password)


def first(cursor: cursor, query: str) -> Any:
    cursor.execute(query)
    row = cursor.fetchone()
    assert row
    return row[0]


def test_database_named_in_the_targets_file_is_not_written(another: Path, start: Any) -> None:
    """It is the file's comment that says: hosts belong here."""
    at = start(another)
    superuser = at.source_dsn.replace("deftunes@", "postgres@")
    shop, password = superuser.replace("/deftunes", "/postgres"), passwords.load(another)["POSTGRES_PASSWORD"]
    with statements(shop, password) as theirs:
        theirs.execute("create schema deftunes; create table deftunes.songs as select 'mine' as title")
    (another / "targets").unlink()
    shutil.copytree(PROJECT / "targets", another / "targets")
    path = another / "targets/embedded.env"
    lines = path.read_text().splitlines()
    dsn = shop.replace("postgres@", f"postgres:{password}@")
    path.write_text("\n".join(f"SOURCE_DSN={dsn}" if line.startswith("SOURCE_DSN=") else line for line in lines))

    lifecycle.up(target.load("embedded", another, {}), seed=7, scale=SCALE)

    with statements(shop, password) as theirs:
        assert first(theirs, "select array_agg(title) from deftunes.songs") == ["mine"]


def test_table_put_in_the_place_of_ours_is_not_replaced(another: Path, start: Any) -> None:
    with ours(start(another)) as cursor:
        assert first(cursor, COMMENT).startswith(f"{MARK} {MockSource(SEED, SCALE).fingerprint()}")
        cursor.execute("drop table deftunes.songs; create table deftunes.songs as select 'mine' as title")

    with pytest.raises(SourceError, match=r"a table deftunes\.songs that this loader did not make"):
        start(another)

    at = start(another, SOURCE_DSN="postgresql://me@127.0.0.1:1/other")  # the services run all the same
    with statements(target.load("embedded", another, {})["SOURCE_DSN"], at.source_password) as cursor:
        assert first(cursor, "select array_agg(title) from deftunes.songs") == ["mine"]


def test_load_of_an_earlier_version_is_known_by_the_databases_comment(checkout: Path, start: Any) -> None:
    at = start(checkout)
    with ours(at) as cursor:
        fingerprint = first(cursor, COMMENT).removeprefix(f"{MARK} ")
        cursor.execute(f"comment on table deftunes.songs is null; comment on database deftunes is '{fingerprint}'")

    loaded = source.ensure_loaded(checkout, at.source_dsn, at.source_password, MockSource(SEED, SCALE))

    with ours(at) as cursor:
        assert (loaded, first(cursor, COMMENT)) == (False, f"{MARK} {fingerprint}")
        assert first(cursor, DATABASE_COMMENT) is None
    assert source.ensure_loaded(checkout, at.source_dsn, at.source_password, MockSource(7, SCALE))
    assert source.ensure_loaded(checkout, at.source_dsn, at.source_password, MockSource(SEED, SCALE))


def test_server_that_is_not_this_checkouts_is_not_written(checkout: Path, start: Any, tmp_path: Path) -> None:
    at = start(checkout)
    with pytest.raises(SourceError, match="is not this checkout's own"):
        source.ensure_loaded(tmp_path, at.source_dsn, at.source_password, MockSource(7, SCALE))


def test_connection_of_ours_is_the_same_in_any_shell(
    checkout: Path, start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = start(checkout)
    odd = {"PGSSLMODE": "verify-full", "PGCLIENTENCODING": "LATIN1", "PGOPTIONS": "-c search_path=x -c role=nobody"}
    for name, value in {**odd, "PGTARGETSESSIONATTRS": "standby", "PGGSSENCMODE": "require"}.items():
        monkeypatch.setenv(name, value)

    assert source.ensure_loaded(checkout, at.source_dsn, at.source_password, MockSource(7, SCALE))
    assert source.ensure_loaded(checkout, at.source_dsn, at.source_password, MockSource(SEED, SCALE))
