"""Makes a PostgreSQL database into what the front needs: functions and system tables of Redshift."""

from pathlib import Path

import psycopg2

HERE = Path(__file__).parent
# Redshift compares text byte by byte.
BYTEWISE = ("C", "POSIX", "C.UTF-8", "C.utf8")
OLDEST = 160000
WHAT_IT_IS = """
    select current_setting('server_version_num')::int, rolsuper, datcollate, datname
    from pg_roles, pg_database where rolname = current_user and datname = current_database()
"""


class DatabaseError(Exception):
    """The database cannot serve; the message says why, and what to do."""


def prepare(dsn: str) -> None:
    """Again is harmless. `dsn` needs a superuser. Raises DatabaseError."""
    try:
        with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
            cursor.execute(WHAT_IT_IS)
            _check(*(cursor.fetchone() or (0, False, "", "")))
            cursor.execute("create schema if not exists redshift")
            cursor.execute((HERE / "functions.sql").read_text(encoding="utf-8"))
            cursor.execute((HERE / "catalog.sql").read_text(encoding="utf-8"))
    except psycopg2.Error as error:
        raise DatabaseError(f"PostgreSQL cannot be prepared: {str(error).strip()}") from error


def _check(version: int, is_superuser: bool, collation: str, name: str) -> None:
    if version < OLDEST:
        raise DatabaseError(
            f"PostgreSQL is of version {version // 10000}: the front needs 16, that of the lake's wheel"
        )
    if not is_superuser:
        raise DatabaseError("the role of --postgres is no superuser: system tables are made with it")
    if collation not in BYTEWISE:
        raise DatabaseError(f"database {name} sorts by {collation}: create it with template template0 locale 'C'")
