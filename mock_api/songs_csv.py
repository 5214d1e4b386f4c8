"""A songs file: a real catalogue as CSV (UTF-8, header, the 14 columns of mock_api.songs.SCHEMA), kept as it is.

Text is taken over character by character: blanks at the ends, control characters and empty titles stay.
"""

import csv
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from pyarrow import csv as arrow_csv

from mock_api.songs import SCHEMA

_KEY = "track_id"


class SongsFileError(Exception):
    """A songs file that cannot be used; the text says which file, why, and what is expected."""


def songs_from_csv(path: Path) -> pa.Table:
    """The file's rows in SCHEMA, in the file's order. Raises SongsFileError."""
    _check_columns(path, _header(path))
    try:
        table = arrow_csv.read_csv(
            path,
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(column_types=SCHEMA, null_values=[""], strings_can_be_null=False),
        )
    except (pa.ArrowInvalid, OSError) as error:
        raise SongsFileError(f"{path} cannot be read as a songs CSV: {error}. Repair the file or its rows.") from error
    table = table.select(SCHEMA.names)
    _check_rows(path, table)
    return table


def _header(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return next(csv.reader(lines), [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SongsFileError(f"{path} cannot be read: {reason}. Give the path of a UTF-8 CSV in SONGS_CSV.") from error


def _check_columns(path: Path, found: list[str]) -> None:
    expected = SCHEMA.names
    if sorted(found) == sorted(expected):
        return
    missing = [name for name in expected if name not in found]
    extra = [name for name in found if name not in expected or found.count(name) > 1]
    if not found:
        raise SongsFileError(f"{path} is empty: give a CSV with a header of {expected} in SONGS_CSV")
    raise SongsFileError(
        f"{path} has other columns than a songs CSV: missing {missing}, not expected or repeated {extra}. "
        f"Found {found}; expected exactly {expected}."
    )


def _check_rows(path: Path, table: pa.Table) -> None:
    if table.num_rows == 0:
        raise SongsFileError(f"{path} has a header but no songs. Give a CSV with at least one row in SONGS_CSV.")
    counts = pc.value_counts(table[_KEY].combine_chunks())
    repeated = [entry["values"] for entry in counts.filter(pc.greater(counts.field("counts"), 1)).to_pylist()]
    if repeated:
        others = len(repeated) - 1
        raise SongsFileError(
            f"{path} has {_KEY} {repeated[0]!r} twice or more, and {others} others. Keep one row each."
        )
