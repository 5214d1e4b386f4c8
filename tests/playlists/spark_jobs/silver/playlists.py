"""silver.playlists: one row per track on a playlist."""

from spark_jobs.silver.declaration import Column, Endpoint, Table

TABLE = Table(
    name="playlists",
    source=Endpoint(
        "/playlists",
        "struct<playlist_id:string, user_id:string, name:string, created_at:string, tracks:array<string>>",
        key="playlist_id",
    ),
    key=("playlist_id", "track_number"),
    item_number="track_number",
    time_column="created_at",
    partitioned_by="days(created_at)",
    write_mode="window",
    references=("users", "songs"),
    columns=(
        Column("playlist_id", "string"),
        Column("track_number", "int"),
        Column("user_id", "string", personal="identifier"),
        Column("track_id", "string"),
        Column("playlist_name", "string"),
        Column("created_at", "timestamp"),
        Column("ingest_on", "date"),
    ),
)
