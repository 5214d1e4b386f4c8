"""What every layer holds, as values to compare: equal rows and equal sums."""

import gzip
import json
from pathlib import Path
from typing import Any

from deftunes import target
from deftunes.lake import queries
from deftunes.lake.catalog import open_catalog

# ingest_on of songs says which snapshot brought a row, landed_at of users when: both differ between a long way and a
# short one.
TABLES = {
    "silver.users": "select * exclude (landed_at) from lake.deftunes_silver.users",
    "silver.sessions": "select * from lake.deftunes_silver.sessions",
    "silver.songs": "select * exclude (ingest_on) from lake.deftunes_silver.songs",
    "quarantine": "select record_id, raw, reasons, ingest_on from lake.deftunes_silver.quarantine_sessions",
    "gold.fact_session": "select * from gold.fact_session",
    "gold.dim_users": "select * from gold.dim_users",
    "gold.dim_songs": "select * from gold.dim_songs",
    "gold.dim_artists": "select * from gold.dim_artists",
    "bi.daily_sales_vw": "select * from bi.daily_sales_vw",
    "bi.sales_per_country_vw": "select * from bi.sales_per_country_vw",
    "bi.sales_per_artist_vw": "select * from bi.sales_per_artist_vw",
    "bi.user_activity_vw": "select * from bi.user_activity_vw",
    "bi.music_preference_vw": "select * from bi.music_preference_vw",
}


def layers(root: Path) -> dict[str, list[str]]:
    """The rows of every table, as sorted text; the services must be up."""
    values = target.load("embedded", root, {})
    with queries.connect(values, root, with_lake=True) as connection:
        return {name: sorted(repr(row) for row in connection.execute(sql).fetchall()) for name, sql in TABLES.items()}


def snapshots(root: Path) -> dict[str, int]:
    """The snapshot each silver table's main branch stands at."""
    catalog = open_catalog(target.load("embedded", root, {}))
    found = {}
    for name in ("users", "sessions", "songs", "quarantine_sessions"):
        current = catalog.load_table(f"deftunes_silver.{name}").current_snapshot()
        found[name] = current.snapshot_id if current else 0
    return found


def ask(root: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of one question to lake, gold and bi."""
    with queries.connect(target.load("embedded", root, {}), root, with_lake=True) as connection:
        return connection.execute(sql).fetchall()


def landed_records(root: Path, table: str) -> list[dict[str, Any]]:
    """The records of a table's landing, by its manifests."""
    records: list[dict[str, Any]] = []
    for manifest in sorted((root / "var/lake/landing/api" / table).glob("*/_manifest.json")):
        for file in json.loads(manifest.read_text())["files"]:
            records += json.loads(gzip.decompress((manifest.parent / file["name"]).read_bytes()))
    return records
