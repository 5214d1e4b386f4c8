"""Which tables of the lake are due for maintenance, by the catalog's metadata alone: no data file is opened.

Every commit adds a snapshot to a table's metadata, which is read and written whole with the next commit, and mostly a
small file. So a table is due once it has many snapshots that no branch and no tag names.
"""

from collections.abc import Iterable

from pyiceberg.catalog import Catalog

from deftunes.lake.catalog import table_or_none
from spark_jobs.lake.schemas import maintained_tables

MOST_SNAPSHOTS = 100  # maintenance leaves 50 of them, so a table is due again after 50 commits


def due_tables(catalog: Catalog, tables: Iterable[str]) -> list[str]:
    """Those of the tables, named as a job of maintenance names them, of which one has too many snapshots."""
    return [table for table in tables if any(_is_due(catalog, name) for name in maintained_tables(table))]


def _is_due(catalog: Catalog, name: str) -> bool:
    """True if the table has more than MOST_SNAPSHOTS snapshots that no branch and no tag names."""
    table = table_or_none(catalog, name)
    if table is None:
        return False
    metadata = table.metadata
    named = {ref.snapshot_id for ref in metadata.refs.values()}
    return sum(snapshot.snapshot_id not in named for snapshot in metadata.snapshots) > MOST_SNAPSHOTS
