"""Rows of an Iceberg table's current snapshot, copied into a table of PostgreSQL."""

import io

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from psycopg2.extensions import cursor as Cursor  # noqa: N812  a type of another package
from pyarrow import csv
from pyiceberg.table import Table

from rehearsal.redshift.iceberg_columns import Column
from rehearsal.redshift.iceberg_types import STRING_BYTES


def copy(cursor: Cursor, target: str, table: Table, columns: list[Column]) -> None:
    """Batch by batch, so that memory does not grow with the table."""
    names = tuple(each.source for each in columns)
    for batch in table.scan(selected_fields=names).to_arrow_batch_reader():
        text = pa.table([_as_text(batch.column(name)) for name in names], names=list(names))
        sheet = io.BytesIO()
        csv.write_csv(text, sheet, csv.WriteOptions(include_header=False))
        sheet.seek(0)
        cursor.copy_expert(f"copy {target} from stdin (format csv)", sheet)


def _as_text(values: pa.Array) -> pa.Array:
    """As PostgreSQL reads it. A null stays a null: CSV tells it from an empty text by the quotes."""
    if pa.types.is_large_string(values.type) or pa.types.is_string(values.type):
        return _cut(values)
    return values.cast(pa.string()) if pa.types.is_decimal(values.type) else values


def _cut(values: pa.Array) -> pa.Array:
    """What Redshift shows of a long text: its first 16384 bytes, and no half of a character."""
    longest = pc.max(pc.binary_length(values)).as_py() or 0
    if longest <= STRING_BYTES:
        return values
    cut = [each and each.encode()[:STRING_BYTES].decode(errors="ignore") for each in values.to_pylist()]
    return pa.array(cut, type=values.type)
