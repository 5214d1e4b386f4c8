"""The yardstick: plain DuckDB, one pass over the same landed JSON, no rules, no snapshots, no second chance.

It reads the landed pages of sessions and users and the catalogue's Parquet files and builds the same gold: one row per
purchased item, the dimensions, sales by country and by artist.
"""

import time
from pathlib import Path

import duckdb

ITEM = (
    "struct(song_id varchar, song_name varchar, artist_id varchar, artist_name varchar, price decimal(10,2), "
    "currency varchar, liked boolean, liked_since timestamp)"
)
SESSIONS = (
    "{user_id: 'varchar', session_id: 'varchar', user_agent: 'varchar', session_start_time: 'timestamp', "
    f"session_items: '{ITEM}[]'}}"
)
USERS = (
    "{user_id: 'varchar', user_name: 'varchar', user_lastname: 'varchar', user_location: 'varchar[]', "
    "user_since: 'timestamp'}"
)


def one_pass(landing: Path, work: Path) -> dict[str, float]:
    """Seconds of JSON to one Parquet file, and of JSON to the whole of gold; items read."""
    parquet = work / "items.parquet"
    opened = f"""select session_id, user_id, session_start_time, unnest(session_items, recursive := true)
      from read_json('{landing}/api/sessions/*/*.json.gz', format = 'array', columns = {SESSIONS},
      maximum_object_size = 268435456)"""  # noqa: S608  our own folder
    with duckdb.connect(str(work / "one_pass.duckdb")) as connection:
        started = time.monotonic()
        connection.execute(f"copy ({opened}) to '{parquet}'")
        to_parquet_s = time.monotonic() - started
        started = time.monotonic()
        for statement in _gold(landing, opened):
            connection.execute(statement)
        to_gold_s = time.monotonic() - started
        [(items,)] = connection.execute("select count(*) from fact_session").fetchall()
    return {"items": items, "json_to_parquet_s": to_parquet_s, "json_to_gold_s": to_gold_s}


def _gold(landing: Path, opened: str) -> tuple[str, ...]:
    return (
        f"create table items as {opened}",
        f"""create table dim_users as select md5(user_id) user_key, user_id, user_name, user_lastname, user_since,
          user_location[3] place_name, user_location[4] country_code, user_location[5] timezone
          from read_json('{landing}/api/users/*/*.json.gz', format = 'array', columns = {USERS})""",  # noqa: S608
        f"""create table dim_songs as select md5(track_id) song_key, track_id, song_id, title, release, duration,
          nullif(year, 0) as year, artist_id, artist_name from '{landing}/postgres/songs/*/*.parquet'""",  # noqa: S608
        """create table dim_artists as select md5(artist_id) artist_key, artist_id, mode(artist_name) artist_name
          from dim_songs group by artist_id""",
        """create table fact_session as select md5(session_id || '|' || row_number() over ()) session_item_key,
          md5(user_id) user_key, md5(song_id) song_key, md5(artist_id) artist_key, * from items""",
        """create table sales_per_country as select month(session_start_time) session_month, year(session_start_time)
          session_year, country_code, currency, sum(price) total_sales from fact_session
          left join dim_users using (user_key) group by all""",
        """create table sales_per_artist as select year(session_start_time) session_year, a.artist_name, currency,
          sum(price) total_sales from fact_session left join dim_artists a using (artist_key) group by all""",
    )
