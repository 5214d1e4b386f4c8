"""Gold for tests: silver written inline into a plain DuckDB file, and a warehouse that dbt builds from it."""

import re
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from deftunes.gold.build import GoldSettings
from spark_jobs.lake.schemas import QUARANTINE_COLUMNS, RULE_OUTCOME_COLUMNS, RUN_COLUMNS
from spark_jobs.silver import TABLES as DECLARED

ROOT = Path(__file__).parents[3]

TYPES = {"string": "varchar", "timestamp": "timestamptz"}  # Spark's name -> DuckDB's, where they differ


def in_duckdb(ddl: str) -> str:
    """Spark's columns as DuckDB writes them."""
    return re.sub(r"\b(string|timestamp)\b(?=,|$)", lambda kind: TYPES[kind[0]], ddl)


TABLES = {
    **{table.name: in_duckdb(table.ddl) for table in DECLARED.values()},
    **{f"quarantine_{name}": in_duckdb(QUARANTINE_COLUMNS) for name in DECLARED},
}
OPS = {"runs": in_duckdb(RUN_COLUMNS), "rule_outcomes": in_duckdb(RULE_OUTCOME_COLUMNS)}
DEFAULTS: dict[str, dict[str, Any]] = {
    "users": {"user_name": "Elizabeth", "user_lastname": "Carey", "place_name": "Niort", "country_code": "FR",
              "timezone": "Europe/Paris", "user_since": "2020-01-01 00:00:00+00"},
    "sessions": {"item_number": 1, "user_id": "u1", "track_id": "TR1", "song_name": "3 Cards", "artist_id": "AR1",
                 "artist_name": "The Balancing Act", "price": "1.03", "currency": "USD", "liked": False},
    "songs": {"track_id": "TR1", "song_id": "SO1", "title": "3 Cards", "artist_id": "AR1", "artist_mbid": "",
              "artist_name": "The Balancing Act", "ingest_on": "2020-01-01"},
}  # fmt: skip


@dataclass(frozen=True)
class GoldFixture:
    """`settings` are those of build_gold; silver is the file at `silver_path`."""

    settings: GoldSettings
    silver_path: Path

    def reset(self) -> None:
        """Empty silver, no warehouse."""
        self.settings.warehouse_path.unlink(missing_ok=True)
        self.silver("drop schema if exists deftunes_silver cascade; create schema deftunes_silver")
        for table, columns in TABLES.items():
            self.silver(f"create table deftunes_silver.{table} ({columns})")
        self.silver("drop schema if exists deftunes_ops cascade; create schema deftunes_ops")
        for table, columns in OPS.items():
            self.silver(f"create table deftunes_ops.{table} ({columns})")

    def keep(self) -> None:
        """Remember silver and the warehouse as they are."""
        for path in (self.silver_path, self.settings.warehouse_path):
            shutil.copy(path, path.with_suffix(".kept"))

    def restore(self) -> None:
        """Silver and the warehouse as they were kept."""
        for path in (self.silver_path, self.settings.warehouse_path):
            shutil.copy(path.with_suffix(".kept"), path)

    def add(self, table: str, *rows: dict[str, Any]) -> None:
        """Rows of silver, with what they do not say from DEFAULTS."""
        for row in rows:
            full = DEFAULTS[table] | row
            names, marks = ", ".join(full), ", ".join("?" * len(full))
            self.silver(f"insert into deftunes_silver.{table} ({names}) values ({marks})", *full.values())

    def silver(self, sql: str, *values: Any) -> None:
        """Run a statement on silver."""
        with duckdb.connect(str(self.silver_path)) as connection:
            connection.execute("set timezone = 'UTC'")
            connection.execute(sql, values or None)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query on the warehouse says."""
        with duckdb.connect(str(self.settings.warehouse_path), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def change_warehouse(self, sql: str) -> None:
        """Tamper with the warehouse."""
        with duckdb.connect(str(self.settings.warehouse_path)) as connection:
            connection.execute(sql)


def open_gold_fixture(folder: Path) -> GoldFixture:
    """One with its files in `folder`; reset() it before use."""
    silver_path = folder / "silver.duckdb"
    settings = GoldSettings(
        project_dir=ROOT / "dbt",
        warehouse_path=folder / "warehouse.duckdb",
        catalog_uri="",
        state_dir=folder / "state",
        log_dir=folder / "logs",
        threads=2,
        profiles_dir=Path(__file__).parent,
        environment=(("SILVER_PATH", str(silver_path)),),
    )
    return GoldFixture(settings, silver_path)


def day(text: str) -> tuple[date, date]:
    """The window of one day."""
    return date.fromisoformat(text), date.fromisoformat(text)
