"""What every layer holds, as values to compare: equal rows and equal sums."""

import gzip
import json
from pathlib import Path
from typing import Any

from deftunes import target
from deftunes.lake import queries
from deftunes.lake.catalog import open_catalog
from rehearsal.parity.tables import models
from spark_jobs.silver import TABLES as DECLARED
from spark_jobs.silver.declaration import INGEST_ON, LANDED_AT, Table

SILVER = "lake.deftunes_silver"
# It has a day for each day of all windows, which the sales compare; and a view on what is compared.
LEFT_OUT = {"dim_date", "purchases_vw"}


def _silver(table: Table) -> str:
    """The rows that a long way and a short one must leave alike."""
    # ingest_on of a snapshot says which one brought a row, landed_at of a delivery when: both differ between the ways.
    differing = {"snapshot": INGEST_ON, "merge": LANDED_AT}.get(table.write_mode)
    return f"select *{f' exclude ({differing})' if differing else ''} from {SILVER}.{table.name}"


def _quarantine(table: Table) -> str:
    day = f", {INGEST_ON}" if table.write_mode == "window" else ""  # else that of the delivery
    return f"select distinct record_id, raw, reasons{day} from {SILVER}.quarantine_{table.name}"


TABLES = {
    **{f"silver.{table.name}": _silver(table) for table in DECLARED.values()},
    **{f"quarantine.{table.name}": _quarantine(table) for table in DECLARED.values()},
    **{
        f"{layer}.{name}": f"select * from {layer}.{name}"
        for layer in ("gold", "bi")
        for name in models(layer)
        if name not in LEFT_OUT
    },
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
    for name in (*DECLARED, *(f"quarantine_{name}" for name in DECLARED)):
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
