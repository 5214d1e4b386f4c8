"""silver.sessions: one row per song bought in a session.

A source that corrects a session's start delivers it on another day: see spark_jobs/moves.py.
"""

from spark_jobs.silver.declaration import Column, Endpoint, Table

TABLE = Table(
    name="sessions",
    source=Endpoint(
        "/sessions",
        "struct<user_id:string, session_id:string, user_agent:string, session_start_time:string, "
        "session_items:array<struct<song_id:string, song_name:string, artist_id:string, artist_name:string, "
        "price:string, currency:string, liked:string, liked_since:string>>>",
        key="session_id",
    ),
    key=("session_id", "item_number"),
    item_number="item_number",
    time_column="session_start_time",
    partitioned_by="days(session_start_time)",
    write_mode="window",
    moves_between_days=True,
    references=("users", "songs"),
    columns=(
        Column("session_id", "string", personal="identifier"),
        Column("item_number", "int"),
        Column("user_id", "string", personal="identifier"),
        Column("track_id", "string"),
        Column("song_name", "string"),
        Column("artist_id", "string"),
        Column("artist_name", "string"),
        Column("price", "decimal(10,2)"),
        Column("currency", "string"),
        Column("liked", "boolean"),
        Column("liked_since", "timestamp"),
        Column("user_agent", "string", personal="identifier"),
        Column("session_start_time", "timestamp"),
        Column("ingest_on", "date"),
    ),
)
