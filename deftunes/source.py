"""The song database: loaded when it holds something else than asked for.

What it holds is written on it, as the database's comment.
"""

import subprocess
from pathlib import Path

import psycopg2
from psycopg2 import sql

from deftunes import runtimes, supervision
from deftunes.health import REQUIRE_AUTH
from deftunes.mock_source import MockSource, SourceError
from deftunes.program_environment import program_environment
from deftunes.programs import fingerprint

LOAD_TIMEOUT_S = 600


def ensure_loaded(root: Path, dsn: str, password: str, source: MockSource) -> bool:
    """Load the database unless it holds `source`, made by this code; True if it was loaded. Raises SourceError."""
    wanted = f"{source.fingerprint()} {fingerprint(root / 'mock_api')}"
    if holds(dsn, password) == wanted:
        return False
    load(root, dsn, password, source)
    write_comment(dsn, password, wanted)
    return True


def holds(dsn: str, password: str) -> str | None:
    """The fingerprint of the last load, None before the first one."""
    query = "select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()"
    connection = psycopg2.connect(dsn, password=password, require_auth=REQUIRE_AUTH)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
    finally:
        connection.close()
    return None if row is None else row[0]


def write_comment(dsn: str, password: str, text: str) -> None:
    connection = psycopg2.connect(dsn, password=password, require_auth=REQUIRE_AUTH)
    try:
        with connection, connection.cursor() as cursor:
            statement = sql.SQL("comment on database {} is {}")
            cursor.execute(statement.format(sql.Identifier(connection.info.dbname), sql.Literal(text)))
    finally:
        connection.close()


def load(root: Path, dsn: str, password: str, source: MockSource) -> None:
    """Run the mock API's loader, which replaces the songs in one transaction. Raises SourceError."""
    command = [str(runtimes.lake_python(root)), "-m", "mock_api.load", "--dsn", dsn, *source.arguments()]
    log = supervision.log_file(root, "load")
    environment = {**program_environment(root), "PGPASSWORD": password}  # never on a command line
    with log.open("w") as said:
        done = subprocess.run(
            command,
            stdout=said,
            stderr=subprocess.STDOUT,
            timeout=LOAD_TIMEOUT_S,
            check=False,
            cwd=root,
            env=environment,
        )
    if done.returncode != 0:
        raise SourceError(f"the song database could not be loaded: {log.read_text().strip()[-800:]} (whole log: {log})")
