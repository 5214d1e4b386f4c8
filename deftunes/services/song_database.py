"""The song database of this checkout's own server: loaded when it holds something else than wanted.

What it holds is written on the table, as its comment: the loader's mark, which says that the table is the loader's to
replace, and a fingerprint of what was loaded. Nothing here is done to another server, whatever its address, nor to a
table without the mark.
"""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor

from deftunes.services import supervision
from deftunes.services.health import REQUIRE_AUTH
from deftunes.services.mock_source import OWN_USER, MockSource, SourceError
from deftunes.services.ports import LOOPBACK
from deftunes.services.programs import fingerprint
from deftunes.services.source_dsn import source_address
from deftunes.setup import runtimes
from deftunes.system.program_environment import program_environment
from mock_api.load import MARK

LOAD_TIMEOUT_S = 600
TABLE_COMMENT = "select obj_description(to_regclass('deftunes.songs'), 'pg_class')"
DATABASE_COMMENT = (
    "select shobj_description(oid, 'pg_database') from pg_database "
    "where datname = current_database() and to_regclass('deftunes.songs') is not null"
)
# Said in full, so that no PG* variable of the shell says otherwise.
OWN_CONNECTION: Mapping[str, Any] = {
    "sslmode": "disable",
    "gssencmode": "disable",
    "require_auth": REQUIRE_AUTH,
    "client_encoding": "UTF8",
    "hostaddr": LOOPBACK,
    "target_session_attrs": "any",
    "options": "-c search_path=pg_catalog",
    "connect_timeout": 10,
}


def ensure_loaded(root: Path, dsn: str, password: str, source: MockSource) -> bool:
    """Load the database unless it holds `source`, made by this code; True if it was loaded. Raises SourceError."""
    dsn = source_address(dsn).place.replace("//", f"//{OWN_USER}@", 1)  # no password, which a command line would show
    wanted = f"{MARK} {source.fingerprint()} {fingerprint(root / 'mock_api')}"
    with _own_server(root, dsn, password) as statements:
        _mark_earlier_load(statements)
        if _comment(statements, TABLE_COMMENT) == wanted:
            return False
    load(root, dsn, password, source)
    with _own_server(root, dsn, password) as statements:
        _write_comment(statements, wanted)
    return True


def load(root: Path, dsn: str, password: str, source: MockSource) -> None:
    """Run the mock API's loader, which replaces the songs in one transaction. Raises SourceError."""
    command = [str(runtimes.lake_python(root)), "-m", "mock_api.load", "--dsn", dsn, *source.arguments()]
    log = supervision.log_file(root, "load")
    environment = {**program_environment(root), "PGPASSWORD": password}  # never on a command line
    with log.open("w") as output:
        done = subprocess.run(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=LOAD_TIMEOUT_S,
            check=False,
            cwd=root,
            env=environment,
        )
    if done.returncode != 0:
        raise SourceError(f"the song database could not be loaded: {log.read_text().strip()[-800:]} (whole log: {log})")


@contextmanager
def _own_server(root: Path, dsn: str, password: str) -> Iterator[cursor]:
    """Statements to this checkout's own server, in one transaction. Raises SourceError if another one answers there."""
    opened = closing(psycopg2.connect(dsn, password=password, **OWN_CONNECTION))
    with opened as connection, connection, connection.cursor() as statements:
        if (made_by := _comment(statements, "select current_setting('deftunes.root', true)")) != str(root):
            raise SourceError(
                f"the server at {dsn} is not this checkout's own (deftunes.root is {made_by}): it is not written. "
                "Stop it, or run make down, and then the same command again"
            )
        yield statements


def _mark_earlier_load(statements: cursor) -> None:
    """Earlier versions wrote the fingerprint on the database: move it to the table, which is ours by that."""
    fingerprint = _comment(statements, DATABASE_COMMENT)
    if fingerprint and _comment(statements, TABLE_COMMENT) is None:
        _write_comment(statements, f"{MARK} {fingerprint}")
        database = sql.Identifier(statements.connection.info.dbname)
        statements.execute(sql.SQL("comment on database {} is null").format(database))


def _comment(statements: cursor, query: str) -> str | None:
    statements.execute(query)
    row = statements.fetchone()
    return None if row is None else row[0]


def _write_comment(statements: cursor, text: str) -> None:
    statements.execute(sql.SQL("comment on table deftunes.songs is {}").format(sql.Literal(text)))
