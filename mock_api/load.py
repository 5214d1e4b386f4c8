"""Loads the source database: schema deftunes, table songs, one row per track.

python -m mock_api.load --dsn postgresql://user@host:port/database. The password may be in the address or
in PGPASSWORD. The new table is filled beside the old one and takes its place in the same transaction, so
readers see all old or all new rows and a second load leaves what one leaves.

The loader replaces what it made itself and nothing else: its table carries a mark, as its comment. A table without the
mark stays, unless each of its rows is among the new ones: an earlier version made it, which set no mark. With
--if-absent any table deftunes.songs stays as it is.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import Any

import psycopg2
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from psycopg2.extensions import connection, cursor, make_dsn, parse_dsn

from mock_api.arguments import add_dataset_arguments
from mock_api.dataset import song_table
from mock_api.songs import SCHEMA
from mock_api.songs_csv import SongsFileError, ignored_columns

_TYPES = {pa.string(): "text", pa.float64(): "double precision", pa.int64(): "bigint"}
_COLUMNS = ",\n    ".join(
    f"{field.name} {_TYPES[field.type]}{' primary key' if field.name == 'track_id' else ''}" for field in SCHEMA
)
MARK = "made by mock_api.load"
_LOCK = 6_873_100  # any number, the same for all loaders
_ROWS_AT_ONCE = 100_000
_WAIT_S = 10

_BEFORE = f"""
set local lock_timeout = '30s';
select pg_advisory_xact_lock({_LOCK});
create schema if not exists deftunes;
create table deftunes.songs_next (
    {_COLUMNS}
);
"""
_COPY = "copy deftunes.songs_next from stdin"
# Whether deftunes.songs is there, its comment, and its columns, if its key is called as ours.
_STATE = """
select
    to_regclass('deftunes.songs') is null,
    coalesce(obj_description(to_regclass('deftunes.songs'), 'pg_class'), ''),
    array_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) order by a.attnum)
        filter (where exists (
            select from pg_constraint k where k.conrelid = a.attrelid and k.contype = 'p' and k.conname = 'songs_pkey'
        ))
from pg_attribute a
where a.attrelid = to_regclass('deftunes.songs') and a.attnum > 0 and not a.attisdropped
"""
_KEEPS_ALL_ROWS = """
select exists (select from deftunes.songs) and not exists (
    select to_jsonb(old) from deftunes.songs as old
    except
    select to_jsonb(new) from deftunes.songs_next as new
)
"""
_AFTER = f"""
drop table if exists deftunes.songs;
alter table deftunes.songs_next rename to songs;
alter index deftunes.songs_next_pkey rename to songs_pkey;
comment on table deftunes.songs is '{MARK}';
analyze deftunes.songs;
"""
_UNREADABLE = "--dsn (or SOURCE_DSN) cannot be taken apart; write @ as %40, / as %2F and % as %25 in user and password"


class NotOursError(Exception):
    """The database has a table deftunes.songs that the loader did not make."""


def load_songs(database: connection, songs: pa.Table) -> int:
    """Replaces deftunes.songs by these rows (mock_api.songs.SCHEMA) in one transaction; returns how many there are.

    Raises NotOursError, and changes nothing, if the table there is not the loader's.
    """
    database.set_client_encoding("UTF8")  # whatever PGCLIENTENCODING says
    with database, database.cursor() as statements:
        is_marked = _check_old_table(statements)
        statements.execute(_BEFORE)
        for batch in songs.to_batches(max_chunksize=_ROWS_AT_ONCE):
            _copy(statements, batch)
        if not is_marked and not _first(statements, _KEEPS_ALL_ROWS):
            raise NotOursError
        statements.execute(_AFTER)
        return int(_first(statements, "select count(*) from deftunes.songs"))


def is_absent(database: connection) -> bool:
    """True if the database has no table deftunes.songs."""
    with database, database.cursor() as statements:
        return bool(_first(statements, "select to_regclass('deftunes.songs') is null"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Loads, and prints what was loaded. Returns 1, with the reason on stderr, when it cannot."""
    parser = _parser()
    args = parser.parse_args(arguments)
    if not args.dsn:
        parser.error("no address: give --dsn postgresql://user@host:port/database, or set SOURCE_DSN")
    try:
        songs = song_table(args.seed, args.scale, args.songs_csv)
        database = psycopg2.connect(args.dsn, connect_timeout=_WAIT_S)
        try:
            if args.if_absent and not is_absent(database):
                print(f"deftunes.songs in {_address(args.dsn)} stays as it is")  # noqa: T201  the program's one message
                return 0
            rows = load_songs(database, songs)
        finally:
            database.close()
    except (psycopg2.Error, NotOursError, SongsFileError, ValueError) as error:
        print(_explain(args.dsn, error), file=sys.stderr)  # noqa: T201  the program's one message
        return 1
    if args.songs_csv and (ignored := ignored_columns(args.songs_csv)):
        print(f"{args.songs_csv}: columns {ignored} are no songs' columns and were left out")  # noqa: T201
    origin = args.songs_csv or f"the generator (seed {args.seed}, scale {args.scale:g})"
    print(f"deftunes.songs in {_address(args.dsn)}: {rows} rows from {origin}")  # noqa: T201
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mock_api.load", description="Loads deftunes.songs.")
    parser.add_argument(
        "--dsn",
        default=os.environ.get("SOURCE_DSN", ""),
        help="postgresql://user@host:port/database (default: the environment's SOURCE_DSN)",
    )
    parser.add_argument("--if-absent", action="store_true", help="leave a table deftunes.songs that is there")
    add_dataset_arguments(parser)
    return parser


def _check_old_table(statements: cursor) -> bool:
    """True if deftunes.songs is not there or has the loader's mark, False if it is shaped as if; else NotOursError."""
    statements.execute(_STATE)
    [(is_absent, comment, columns)] = statements.fetchall()
    if is_absent or comment.startswith(MARK):
        return True
    if columns != [f"{field.name} {_TYPES[field.type]}" for field in SCHEMA]:
        raise NotOursError
    return False


def _first(statements: cursor, query: str) -> Any:
    statements.execute(query)
    row = statements.fetchone()
    return row[0] if row else None


def _copy(statements: cursor, batch: pa.RecordBatch) -> None:
    """The rows in COPY's text format. Its CSV takes a line of a text that is \\. for the end of all rows."""
    columns = [_escape(column) for column in batch.columns]
    lines = pc.binary_join_element_wise(*columns, pa.scalar("\t"))
    statements.copy_expert(_COPY, io.StringIO("\n".join([*lines.to_pylist(), ""])))


def _escape(column: pa.Array) -> pa.Array:
    text = column.cast(pa.string())
    for sign, code in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = pc.replace_substring(text, sign, code)
    return pc.fill_null(text, "\\N")


def _explain(dsn: str, error: Exception) -> str:
    reason = " ".join(str(error).split()).rstrip(".?")
    if not _is_readable(dsn):
        return f"songs cannot be loaded: {_UNREADABLE}."
    if isinstance(error, SongsFileError | ValueError):
        return f"songs cannot be loaded: {reason}."
    if isinstance(error, NotOursError):
        return (
            f"songs cannot be loaded into {_address(dsn)}: it has a table deftunes.songs that this loader did not "
            "make. Nothing was changed there. Give another database, or rename the table yourself: "
            "alter table deftunes.songs rename to own_songs"
        )
    return (
        f"songs cannot be loaded into {_address(dsn)}: {reason}. Nothing was changed there. "
        "Check --dsn (or SOURCE_DSN), PGPASSWORD, and that the server runs and the user may create schema deftunes."
    )


def _is_readable(dsn: str) -> bool:
    """False if the user or password is not percent-encoded: libpq's words, or its reading, would show the password."""
    user = dsn.partition("?")[0].partition("://")[2].rpartition("@")[0]
    try:
        parse_dsn(dsn)
    except psycopg2.ProgrammingError:
        return False
    return "/" not in user and "@" not in user


def _address(dsn: str) -> str:
    """The address without its password."""
    try:
        parts = parse_dsn(dsn)
    except psycopg2.ProgrammingError:
        return "the given --dsn"
    return make_dsn(**{name: value for name, value in parts.items() if name != "password"}) or "the default database"


if __name__ == "__main__":
    sys.exit(main())
