"""Loads the source database: schema deftunes, table songs, one row per track.

python -m mock_api.load --dsn postgresql://user@host:port/database. The password may be in the address or
in PGPASSWORD. The new table is filled beside the old one and takes its place in the same transaction, so
readers see all old or all new rows and a second load leaves what one leaves.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence

import psycopg2
import pyarrow as pa  # type: ignore[import-untyped]
from psycopg2.extensions import connection, cursor, make_dsn, parse_dsn
from pyarrow import csv

from mock_api.arguments import add_world_arguments
from mock_api.songs import SCHEMA
from mock_api.songs_csv import SongsFileError
from mock_api.world import song_table

_TYPES = {pa.string(): "text", pa.float64(): "double precision", pa.int64(): "bigint"}
_COLUMNS = ",\n    ".join(
    f"{field.name} {_TYPES[field.type]}{' primary key' if field.name == 'track_id' else ''}" for field in SCHEMA
)
_LOCK = 6_873_100  # any number, the same for all loaders
_ROWS_AT_ONCE = 100_000
_WAIT_S = 10

_BEFORE = f"""
set local lock_timeout = '30s';
select pg_advisory_xact_lock({_LOCK});
create schema if not exists deftunes;
drop table if exists deftunes.songs_next;
create table deftunes.songs_next (
    {_COLUMNS}
);
"""
_COPY = "copy deftunes.songs_next from stdin (format csv)"
_AFTER = """
drop table if exists deftunes.songs;
alter table deftunes.songs_next rename to songs;
alter index deftunes.songs_next_pkey rename to songs_pkey;
analyze deftunes.songs;
"""


def load_songs(database: connection, songs: pa.Table) -> int:
    """Replaces deftunes.songs by these rows (mock_api.songs.SCHEMA) in one transaction; returns how many there are."""
    with database, database.cursor() as statements:
        statements.execute(_BEFORE)
        for batch in songs.to_batches(max_chunksize=_ROWS_AT_ONCE):
            _copy(statements, batch)
        statements.execute(_AFTER)
        statements.execute("select count(*) from deftunes.songs")
        row = statements.fetchone()
    return int(row[0]) if row else 0


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
            rows = load_songs(database, songs)
        finally:
            database.close()
    except (psycopg2.Error, SongsFileError, ValueError) as error:
        print(_explained(args.dsn, error), file=sys.stderr)  # noqa: T201  the program's one message
        return 1
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
    add_world_arguments(parser)
    return parser


def _copy(statements: cursor, batch: pa.RecordBatch) -> None:
    text = io.BytesIO()
    # Arrow quotes every text and no null, so that COPY tells empty texts from nulls
    csv.write_csv(batch, text, csv.WriteOptions(include_header=False))
    text.seek(0)
    statements.copy_expert(_COPY, text)


def _explained(dsn: str, error: Exception) -> str:
    reason = " ".join(str(error).split()).rstrip(".?")
    if isinstance(error, SongsFileError | ValueError):
        return f"songs cannot be loaded: {reason}."
    return (
        f"songs cannot be loaded into {_address(dsn)}: {reason}. Nothing was changed there. "
        "Check --dsn (or SOURCE_DSN), PGPASSWORD, and that the server runs and the user may create schema deftunes."
    )


def _address(dsn: str) -> str:
    """The address without its password."""
    try:
        parts = parse_dsn(dsn)
    except psycopg2.ProgrammingError:
        return "the given --dsn"
    return make_dsn(**{name: value for name, value in parts.items() if name != "password"}) or "the default database"


if __name__ == "__main__":
    sys.exit(main())
