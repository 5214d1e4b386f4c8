"""silver.users: one row per user, as last delivered.

Sales refer to users who registered long before, so the API is asked for everybody, not for the window alone.
"""

from spark_jobs.silver.declaration import Column, Endpoint, Table

TABLE = Table(
    name="users",
    source=Endpoint(
        "/users",
        "struct<user_id:string, user_name:string, user_lastname:string, user_location:array<string>, "
        "user_since:string>",
        key="user_id",
        has_history=True,
    ),
    key=("user_id",),
    time_column="user_since",
    write_mode="merge",
    columns=(
        Column("user_id", "string", personal="identifier"),
        Column("user_name", "string", personal="name"),
        Column("user_lastname", "string", personal="name"),
        Column("user_since", "timestamp"),
        Column("latitude", "double", personal="location"),
        Column("longitude", "double", personal="location"),
        Column("place_name", "string", personal="location"),
        Column("country_code", "string"),
        Column("timezone", "string", personal="location"),
        Column("ingest_on", "date"),
        Column("landed_at", "timestamp"),
    ),
)
