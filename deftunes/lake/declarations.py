"""Whether the lake's tables can become what this code declares: asked of the catalog before a run writes anything."""

from collections.abc import Iterable

from pyiceberg.catalog import Catalog

from deftunes.lake.catalog import table_or_none
from spark_jobs.lake import evolution
from spark_jobs.lake.schemas import schemas
from spark_jobs.silver import TABLES


def check_tables(catalog: Catalog, tables: Iterable[str]) -> None:
    """Raises Problem for the first table that cannot become what is declared: the lake is newer, or values would go.

    `tables`: names of silver tables; others that refining them writes are checked with them.
    """
    declared = {schema.name: schema for name in tables if name in TABLES for schema in schemas(TABLES[name])}
    for schema in declared.values():
        if table := table_or_none(catalog, schema.name):
            present = {field.name: str(field.field_type) for field in table.schema().fields}
            evolution.changes(f"lake.{schema.name}", present, schema.ddl, dict(schema.renamed_from))
