"""The source database: a table of PostgreSQL, read as a snapshot.

Every value is read as the text PostgreSQL writes it in: whatever types the table has, no value is cut, rounded or
refused on the way to landing, and silver alone decides what its columns can hold. One statement reads all rows, so
that a snapshot is one state of the table however it changes meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from spark_jobs.problem import Problem
from spark_jobs.silver.declaration import DatabaseTable

ALL_DIGITS = 3  # of a float, whatever the server, database or role has set

# The relations that could be meant, however their names are written, with their columns in order.
_RELATIONS = """
select n.nspname::text as schema_name, c.relname::text as table_name, a.attname::text as column_name
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where lower(n.nspname) = '{schema}' and lower(c.relname) = '{table}' and c.relkind in ('r', 'p', 'v', 'm', 'f')
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
    ("permission denied", "grant usage on schema {schema} and select on {name} to the user of SOURCE_DSN"),
    ("does not exist", "correct the database in SOURCE_DSN"),
    ("invalid byte sequence", "its texts are no UTF-8: make a view {name} that reads them by convert_from()"),
    ("onnection", "check that SOURCE_DSN is right and the database is up, then run again"),
    ("Could not find a server", "check target_session_attrs in SOURCE_DSN, and that the servers are up"),
)  # fmt: skip


@dataclass(frozen=True)
class Database:
    """A PostgreSQL database that is a source. The password is not part of the address."""

    jdbc_url: str
    user: str
    password: str
    files: int = 4


def table_snapshot(spark: SparkSession, database: Database, source: DatabaseTable) -> DataFrame:
    """The table as it is now: the source's columns, all of them text, in `files` partitions by the first of them.

    The order within a partition is total, so that the same rows make the same files. The rows are read when they are
    written: within `reading`. Raises Problem if the database lacks the table or a column.
    """
    rows = _query(spark, database, _all_rows(source, _columns(spark, database, source)))
    return rows.repartition(database.files, source.columns[0]).sortWithinPartitions(*source.columns)


def _columns(spark: SparkSession, database: Database, source: DatabaseTable) -> dict[str, str]:
    """Each of the source's columns -> how its column is called in the table, quoted; "" -> the table itself, quoted.

    An optional column that the table lacks is not among them.
    """
    schema, table = wanted = source.schema_and_table
    found: dict[tuple[str, str], list[str]] = {}
    for row in _query(spark, database, _RELATIONS.format(schema=schema, table=table)).collect():
        found.setdefault((row.schema_name, row.table_name), []).append(row.column_name)
    chosen = wanted if wanted in found else next(iter(found), wanted)
    if chosen not in found or (len(found) > 1 and chosen != wanted):
        raise Problem(
            f"The source database has no table {source.name}",
            f"{database.jdbc_url} as {database.user}",
            ", ".join(".".join(name) for name in sorted(found)) or "no table or view of that name",
            f"name the database in SOURCE_DSN that has table {source.name} with columns {', '.join(source.columns)}",
        )
    names = {name.lower(): name for name in found[chosen]} | {name: name for name in found[chosen]}
    if missing := [name for name in source.columns if name not in names and name not in source.optional]:
        raise Problem(
            f"Table {source.name} lacks {', '.join(missing)}",
            f"{database.jdbc_url} as {database.user}",
            f"its columns are {', '.join(found[chosen])}",
            f"add what is missing, or make a view {source.name} that has it, as null::text where nothing is known; or "
            "declare it optional",
        )
    return {
        "": ".".join(map(_quoted, chosen)),
        **{name: _quoted(names[name]) for name in source.columns if name in names},
    }


def _all_rows(source: DatabaseTable, names: dict[str, str]) -> str:
    columns = ", ".join(f'{names.get(name, "null")}::text as "{name}"' for name in source.columns)
    return f"select {columns} from {names['']}"  # noqa: S608  names from the database's own catalog, quoted


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _query(spark: SparkSession, database: Database, query: str) -> DataFrame:
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
def reading(database: Database, source: DatabaseTable) -> Iterator[None]:
    """Makes the driver's errors a Problem: the database does not answer, refuses the password, has other bytes."""
    try:
        yield
    except Exception as error:
        if isinstance(error, Problem) or "PSQLException" not in str(error):
            raise
        raise _database_problem(database, source, error) from error


def _database_problem(database: Database, source: DatabaseTable, error: Exception) -> Problem:
    """What a person is shown of the driver's error: its sentence, and the way out."""
    lines = [line.strip().removeprefix("Caused by: ") for line in str(error).splitlines()]
    line = next(line for line in lines if "PSQLException" in line).rpartition("PSQLException:")[2].strip()
    way_out = next((way for sign, way in _WAYS_OUT if sign in line), "see the message, then run again")
    schema, _ = source.schema_and_table
    return Problem(
        f"Table {source.name} could not be read",
        f"{database.jdbc_url} as {database.user}",
        line[:600],
        way_out.format(schema=schema, name=source.name),
    )
