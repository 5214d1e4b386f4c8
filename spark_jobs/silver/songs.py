"""silver.songs: one row per track of the catalogue, present or vanished.

The source has the 14 columns of the Million Song Dataset's track metadata (docs/your-own-sources.md). `song_id` is not
the key: several tracks may share one.
"""

from spark_jobs.silver.declaration import Column, DatabaseTable, Table

TABLE = Table(
    name="songs",
    source=DatabaseTable(
        "deftunes.songs",
        (
            "track_id", "title", "song_id", "release", "artist_id", "artist_mbid", "artist_name", "duration",
            "artist_familiarity", "artist_hotttnesss", "year", "track_7digitalid", "shs_perf", "shs_work",
        ),
    ),
    key=("track_id",),
    write_mode="snapshot",
    columns=(
        Column("track_id", "string"),
        Column("title", "string"),
        Column("song_id", "string"),
        Column("release", "string"),
        Column("artist_id", "string"),
        Column("artist_mbid", "string"),
        Column("artist_name", "string"),
        Column("duration", "double"),
        Column("artist_familiarity", "double"),
        Column("artist_hotttnesss", "double"),
        Column("year", "int"),
        Column("track_7digitalid", "bigint"),
        Column("shs_perf", "bigint"),
        Column("shs_work", "bigint"),
        Column("ingest_on", "date"),
        Column("source_from", "string"),
        Column("vanished_on", "date"),
    ),
)  # fmt: skip
