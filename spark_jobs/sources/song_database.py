"""The song database: table deftunes.songs of PostgreSQL, read as a snapshot.

Every value is read as the text PostgreSQL writes it in: whatever types the table has, no value is cut, rounded or
refused on the way to landing, and silver alone decides what its columns can hold. One statement reads all rows, so
that a snapshot is one state of the table however it changes meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from spark_jobs.problem import Problem

# Source table deftunes.songs: the 14 columns of the Million Song Dataset's track metadata (docs/your-own-sources.md).
SONG_COLUMNS = (
    "track_id", "title", "song_id", "release", "artist_id", "artist_mbid", "artist_name", "duration",
    "artist_familiarity", "artist_hotttnesss", "year", "track_7digitalid", "shs_perf", "shs_work",
)  # fmt: skip
TABLE = ("deftunes", "songs")
ALL_DIGITS = 3  # of a float, whatever the server, database or role has set

# The relations that could be meant, however their names are written, with their columns in order.
_RELATIONS = """
select n.nspname::text as schema_name, c.relname::text as table_name, a.attname::text as column_name
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where lower(n.nspname) = 'deftunes' and lower(c.relname) = 'songs' and c.relkind in ('r', 'p', 'v', 'm', 'f')
"""

_WAYS_OUT = (
    ("password authentication failed", "correct the user in SOURCE_DSN, and its password there or in SOURCE_PASSWORD"),
    ("no password was provided", "give the password in SOURCE_DSN, or in SOURCE_PASSWORD"),
    ("password is an empty string", "give the password in SOURCE_DSN, or in SOURCE_PASSWORD"),
    ("does not support SSL", "SOURCE_DSN asks for TLS (sslmode), which this server does not offer: turn it on there"),
    ("root certificate", "give the certificate of the server's authority in SOURCE_DSN: sslrootcert=/path/of/root.crt"),
    ("PKIX path", "give the certificate of the server's authority in SOURCE_DSN: sslrootcert=/path/of/root.crt"),
    ("could not be verified", "name the server in SOURCE_DSN as its certificate does, or ask for sslmode=verify-ca"),
    ("no pg_hba.conf entry", "let this machine in, in the server's pg_hba.conf, or ask for TLS: sslmode=require"),
    ("permission denied", "grant usage on schema deftunes and select on deftunes.songs to the user of SOURCE_DSN"),
    ("does not exist", "correct the database in SOURCE_DSN"),
    ("invalid byte sequence", "its texts are no UTF-8: make a view deftunes.songs that reads them by convert_from()"),
    ("onnection", "check that SOURCE_DSN is right and the database is up, then run again"),
    ("Could not find a server", "check target_session_attrs in SOURCE_DSN, and that the servers are up"),
)  # fmt: skip


@dataclass(frozen=True)
class SongDatabase:
    """The catalogue's PostgreSQL database. The password is not part of the address."""

    jdbc_url: str
    user: str
    password: str
    files: int = 4


def song_snapshot(spark: SparkSession, database: SongDatabase) -> DataFrame:
    """Table deftunes.songs as it is now: SONG_COLUMNS, all of them text, in `files` partitions by key.

    The order within a partition is total, so that the same rows make the same files. The rows are read when they are
    written: within `reading`. Raises Problem if the database lacks the table or a column.
    """
    rows = _query(spark, database, _all_rows(_columns(spark, database)))
    return rows.repartition(database.files, "track_id").sortWithinPartitions(*SONG_COLUMNS)


def _columns(spark: SparkSession, database: SongDatabase) -> dict[str, str]:
    """Each of SONG_COLUMNS -> how its column is called in the table, quoted; "" -> the table itself, quoted."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in _query(spark, database, _RELATIONS).collect():
        found.setdefault((row.schema_name, row.table_name), []).append(row.column_name)
    chosen = TABLE if TABLE in found else next(iter(found), TABLE)
    if chosen not in found or (len(found) > 1 and chosen != TABLE):
        raise Problem(
            "The song database has no table deftunes.songs",
            f"{database.jdbc_url} as {database.user}",
            ", ".join(".".join(name) for name in sorted(found)) or "no table or view of that name",
            f"name the database in SOURCE_DSN that has table deftunes.songs with the columns {', '.join(SONG_COLUMNS)}",
        )
    names = {name.lower(): name for name in found[chosen]} | {name: name for name in found[chosen]}
    if missing := [name for name in SONG_COLUMNS if name not in names]:
        raise Problem(
            f"Table deftunes.songs lacks {', '.join(missing)}",
            f"{database.jdbc_url} as {database.user}",
            f"its columns are {', '.join(found[chosen])}",
            "add what is missing, or make a view deftunes.songs that has it, as null::text where nothing is known",
        )
    return {"": ".".join(map(_quoted, chosen)), **{name: _quoted(names[name]) for name in SONG_COLUMNS}}


def _all_rows(names: dict[str, str]) -> str:
    columns = ", ".join(f'{names[name]}::text as "{name}"' for name in SONG_COLUMNS)
    return f"select {columns} from {names['']}"  # noqa: S608  names from the database's own catalog, quoted


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _query(spark: SparkSession, database: SongDatabase, query: str) -> DataFrame:
    """The rows of a query. The password is a property of the connection, never part of an address."""
    options = {
        "url": database.jdbc_url,
        "user": database.user,
        "password": database.password,
        "driver": "org.postgresql.Driver",
        "query": query,
        "sessionInitStatement": f"set extra_float_digits = {ALL_DIGITS}; set datestyle = 'ISO'",
        "fetchsize": "10000",  # else the driver takes all rows into memory
        "connectTimeout": "10",
        "socketTimeout": "300",
    }
    return spark.read.format("jdbc").options(**options).load()


@contextmanager
def reading(database: SongDatabase) -> Iterator[None]:
    """Makes the driver's errors a Problem: the database does not answer, refuses the password, has other bytes."""
    try:
        yield
    except Exception as error:
        if isinstance(error, Problem) or "PSQLException" not in str(error):
            raise
        raise _database_problem(database, error) from error


def _database_problem(database: SongDatabase, error: Exception) -> Problem:
    """What a person is shown of the driver's error: its sentence, and the way out."""
    lines = [line.strip().removeprefix("Caused by: ") for line in str(error).splitlines()]
    line = next(line for line in lines if "PSQLException" in line).rpartition("PSQLException:")[2].strip()
    way_out = next((way for sign, way in _WAYS_OUT if sign in line), "see the message, then run again")
    return Problem(
        "The song catalogue could not be read", f"{database.jdbc_url} as {database.user}", line[:600], way_out
    )
