"""The song database: table deftunes.songs of PostgreSQL, read as a snapshot."""

from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from spark_jobs.problem import Problem

# Source table deftunes.songs: the 14 columns of the Million Song Dataset's track metadata (domain.md, section 2).
SONG_COLUMNS = (
    "track_id", "title", "song_id", "release", "artist_id", "artist_mbid", "artist_name", "duration",
    "artist_familiarity", "artist_hotttnesss", "year", "track_7digitalid", "shs_perf", "shs_work",
)  # fmt: skip


@dataclass(frozen=True)
class SongDatabase:
    """The catalogue's PostgreSQL database. The password is not part of the address."""

    jdbc_url: str
    user: str
    password: str
    partitions: int = 4


def song_snapshot(spark: SparkSession, database: SongDatabase) -> DataFrame:
    """Table deftunes.songs as it is now, read in partitions by a hash of the key; columns as in the source.

    Raises Problem if the database does not answer, refuses the password, or lacks the table or a column.
    """
    options = {
        "url": database.jdbc_url,
        "user": database.user,
        "password": database.password,
        "driver": "org.postgresql.Driver",
        "connectTimeout": "10",
        "socketTimeout": "300",
    }
    columns = ", ".join(SONG_COLUMNS)
    slices = [
        f"(select {columns} from deftunes.songs "  # noqa: S608  our names and a number
        f"where mod(abs(hashtext(track_id)::bigint), {database.partitions}) = {part}) songs"
        for part in range(database.partitions)
    ]
    try:
        frames = [spark.read.format("jdbc").options(**options, dbtable=part).load() for part in slices]
    except Exception as error:
        raise _database_problem(database, error) from error
    whole = frames[0]
    for frame in frames[1:]:
        whole = whole.unionByName(frame)
    return whole


def _database_problem(database: SongDatabase, error: Exception) -> Problem:
    message = str(error)
    line = next((line for line in message.splitlines() if "ERROR" in line or "Exception" in line), message[:300])
    ways = (
        ("password authentication failed", "set SOURCE_DSN to an account that may read deftunes.songs"),
        ("does not exist", f"the database needs table deftunes.songs with the columns {', '.join(SONG_COLUMNS)}"),
        ("Connection", "check that SOURCE_DSN is right and the database is up, then run again"),
    )
    way_out = next((way for sign, way in ways if sign in message), "see the message, then run again")
    where = f"{database.jdbc_url} as {database.user}"
    return Problem("The song catalogue could not be read", where, line.strip(), way_out)
