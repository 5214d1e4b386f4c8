"""Sides: what a target holds, read through the doors its own readers use.

`Local` asks DuckDB: Iceberg through the REST catalog, and gold as dbt built it, for what is published has no names of
people. `Aws` reads Iceberg through Glue's catalog with pyiceberg, and gold with Redshift's driver; with an account
these are AWS's own.
"""

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from duckdb import DuckDBPyConnection
from pyarrow import parquet  # type: ignore[import-untyped]
from pyiceberg.catalog import Catalog

from deftunes import target
from deftunes.lake import queries
from rehearsal.parity.tables import Content, Table

LANDED = {
    "file": "text",
    "rows": "bigint",
    "bytes": "bigint",
    "sha256": "text",
    "unreadable": "bigint",
    "stored": "text",
}
TYPES = """
select attname, format_type(atttypid, atttypmod) from pg_attribute
where attrelid = '{address}'::regclass and attnum > 0 and not attisdropped
"""
LAKE_LAYERS = ("silver", "quarantine", "ops")


class Side(Protocol):
    """One target's tables."""

    def content(self, table: Table) -> Content: ...

    def landing(self) -> Content: ...


@dataclass(frozen=True)
class Local:
    """The embedded target of the checkout at `root`, whose services are up, by one connection to lake and gold."""

    root: Path
    connection: DuckDBPyConnection

    def content(self, table: Table) -> Content:
        address = f"lake.{table.schema}.{table.name}" if table.layer in LAKE_LAYERS else f"{table.schema}.{table.name}"
        types = {str(row[0]): str(row[1]) for row in self.connection.execute(f"describe {address}").fetchall()}
        return Content(types, self.connection.execute(f"select * from {address}").fetchall())  # noqa: S608  our names

    def landing(self) -> Content:
        folder = self.root / "var/lake/landing"
        names = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
        return landed_files(names, lambda name: (folder / name).read_bytes())


@contextmanager
def local(root: Path) -> Iterator[Local]:
    """The embedded target as it is now; gold cannot be built while the context lasts."""
    values = target.load("embedded", root)
    with queries.connect(values, root, with_lake=True) as connection:
        connection.execute(f"attach '{values['WAREHOUSE_PATH']}' as warehouse (read_only); use warehouse")
        yield Local(root, connection)


@dataclass(frozen=True)
class Aws:
    """A lake in Glue's catalog and S3, and a warehouse that `rows` asks. `landing_uri` is landing's s3:// address."""

    catalog: Catalog
    s3: Any
    landing_uri: str
    rows: Callable[[str], tuple[list[str], list[tuple[Any, ...]]]]

    def content(self, table: Table) -> Content:
        return self._iceberg(table) if table.layer in LAKE_LAYERS else self._warehouse(table)

    def landing(self) -> Content:
        bucket, prefix = self.landing_uri.removeprefix("s3://").split("/", 1)
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/")
        names = [each["Key"].removeprefix(f"{prefix}/") for page in pages for each in page.get("Contents", [])]
        files = [name for name in names if not name.endswith("/")]
        return landed_files(
            files, lambda name: self.s3.get_object(Bucket=bucket, Key=f"{prefix}/{name}")["Body"].read()
        )

    def _iceberg(self, table: Table) -> Content:
        scanned = self.catalog.load_table((table.schema, table.name))
        types = {each.name: str(each.field_type) for each in scanned.schema().fields}
        rows = scanned.scan().to_arrow().to_pylist()
        return Content(types, [tuple(row[name] for name in types) for row in rows])

    def _warehouse(self, table: Table) -> Content:
        address = f"{table.schema}.{table.name}"
        _, described = self.rows(TYPES.format(address=address))
        names, rows = self.rows(f"select * from {address}")  # noqa: S608  our names
        types: Mapping[str, str] = dict(described)
        return Content({name: str(types.get(name, "?")) for name in names}, rows)


def landed_files(names: list[str], read: Callable[[str], bytes]) -> Content:
    """One row per file that a manifest lists: as the manifest says, and the sum of what is stored in its place."""
    rows = [row for name in sorted(names) if name.endswith("/_manifest.json") for row in _listed(name, read)]
    return Content(LANDED, rows)


def _listed(name: str, read: Callable[[str], bytes]) -> Iterator[tuple[Any, ...]]:
    folder = name.removesuffix("_manifest.json")
    for each in json.loads(read(name))["files"]:
        path = folder + each["name"]
        # A JVM writes its own bytes into Parquet: of such a file, the rows' sum is what both sides share.
        size = None if path.endswith(".parquet") else each["bytes"]
        yield path, each["rows"], size, each["sha256"], each["unreadable"], stored_sum(path, read(path))


def stored_sum(path: str, content: bytes) -> str:
    """sha256 of the stored bytes; of a Parquet file, of its rows."""
    if not path.endswith(".parquet"):
        return hashlib.sha256(content).hexdigest()
    rows = parquet.read_table(io.BytesIO(content)).to_pylist()
    return hashlib.sha256(json.dumps(rows, default=str, sort_keys=True).encode()).hexdigest()
