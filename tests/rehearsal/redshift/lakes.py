"""A small lake for tests: Iceberg tables that pyiceberg writes, in a catalogue that is one SQLite file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.schema import Schema


@dataclass(frozen=True)
class Lake:
    """`properties` are what the front is started with."""

    properties: dict[str, str]
    catalog: Catalog

    def create(self, name: str, schema: Schema | pa.Schema, **properties: str) -> None:
        """A table, new and empty, with a snapshot as the jobs make them."""
        if self.catalog.table_exists(name):
            self.catalog.drop_table(name)
        table = self.catalog.create_table(name, schema, properties=properties)
        table.append(table.schema().as_arrow().empty_table())

    def write(self, name: str, rows: list[dict[str, Any]]) -> None:
        """These rows and no others, as a new snapshot."""
        self.write_arrow(name, pa.Table.from_pylist(rows, schema=self.catalog.load_table(name).schema().as_arrow()))

    def write_arrow(self, name: str, rows: pa.Table) -> None:
        """The same; a table that is not there is made."""
        table = self.catalog.create_table_if_not_exists(name, rows.schema)
        if table.scan().count() == 0:
            table.append(rows)
        else:
            table.overwrite(rows)


def open_lake(folder: Path) -> Lake:
    properties = {"type": "sql", "uri": f"sqlite:///{folder}/catalog.db", "warehouse": f"file://{folder}/warehouse"}
    (folder / "warehouse").mkdir()
    return Lake(properties, load_catalog("lake", **properties))
