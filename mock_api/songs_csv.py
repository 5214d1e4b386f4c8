"""A songs file: a real catalogue as CSV (RFC 4180, UTF-8, header, the 14 columns of mock_api.songs.SCHEMA).

Text is taken over character by character: blanks at the ends, control characters and empty titles stay; only ids lose
the blanks around them. A file is taken as a whole or refused with the line: no row of it is left out. Read by Python's
parser in its strict mode, because Arrow's names no lines and takes what is no CSV for something else.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa  # type: ignore[import-untyped]

from mock_api.songs import OPTIONAL, SCHEMA

_KEY = "track_id"
_IDS = {"track_id", "song_id", "artist_id", "artist_mbid"}
_GZIP, _UTF16 = b"\x1f\x8b", (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = {";": "';'", "\t": "a tab", "|": "'|'"}
_ROWS_AT_ONCE = 10_000
_LONGEST_CELL = 1 << 24
_LONGS = range(-(1 << 63), 1 << 63)


class SongsFileError(Exception):
    """A songs file that cannot be used; the text says which file and line, why, and what is expected."""


def songs_from_csv(path: Path) -> pa.Table:
    """The file's rows in SCHEMA, in the file's order. Raises SongsFileError.

    Columns of other names are left out; those of OPTIONAL that the file lacks are null.
    """
    rows = _rows(path, _text(path))
    _, header = next(rows, (0, []))
    places = _places(path, header)
    keys: dict[str, int] = {}
    parts = []
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        lines = [line for line, _ in some]
        columns = _columns(path, len(header), some)
        _check_keys(path, lines, columns[places[_KEY]], keys)
        nothing = [None] * len(lines)
        values = {
            field.name: _values(path, lines, field, columns[places[field.name]]) if field.name in places else nothing
            for field in SCHEMA
        }
        parts.append(pa.table(values, SCHEMA))
    if not parts:
        raise SongsFileError(f"{path} has a header but no songs. Give a CSV with at least one row in SONGS_CSV.")
    return pa.concat_tables(parts).combine_chunks()


def ignored_columns(path: Path) -> list[str]:
    """Columns of the file that are no songs' columns, in its order. Raises SongsFileError."""
    _, header = next(_rows(path, _text(path)), (0, []))
    return [name for name in header if name.strip().lower() not in SCHEMA.names]


def _text(path: Path) -> str:
    """The file's text: plain or gzip, UTF-8, or UTF-16 with its mark."""
    try:
        content = path.read_bytes()
        content = gzip.decompress(content) if content.startswith(_GZIP) else content
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise SongsFileError(f"{path} cannot be read: {reason}. Give the path of a CSV in SONGS_CSV.") from error
    try:
        return content.decode("utf-16" if content.startswith(_UTF16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        _refuse(
            path,
            line,
            f"byte {column} is no UTF-8 ({error})",
            f"convert it, as: iconv -f latin1 -t utf-8 '{path}' > songs-utf8.csv",
        )


def _rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """(number of the line a row begins in, its cells) of every row that is no blank line."""
    _check_separator(path, text)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        has_backslashes = '\\"' in text
        way_out = 'write a quote in a cell twice ("") and not as \\"' if has_backslashes else "repair its quotes"
        _refuse(path, line, f"it is no CSV ({error})", way_out)


def _check_separator(path: Path, text: str) -> None:
    header = text.partition("\n")[0]
    for sign, name in _SEPARATORS.items():
        names = {cell.strip(' "\r').lower() for cell in header.split(sign)}
        if len(names & set(SCHEMA.names)) > 1:
            code = sign.encode("unicode_escape").decode()
            _refuse(
                path,
                1,
                f"columns look separated by {name}, not by a comma",
                'write it with commas, as: python3 -c "import csv, sys; csv.writer(sys.stdout).writerows('
                f"csv.reader(sys.stdin, delimiter='{code}'))\" < '{path}' > songs-commas.csv",
            )


def _places(path: Path, header: list[str]) -> dict[str, int]:
    """Column -> its place, of those the file has. Names may be in capitals and have blanks around them."""
    names = [name.strip().lower() for name in header]
    if not any(names):
        raise SongsFileError(f"{path} is empty: give a CSV with a header of {SCHEMA.names} in SONGS_CSV")
    missing = [name for name in SCHEMA.names if name not in names and name not in OPTIONAL]
    repeated = sorted({name for name in SCHEMA.names if names.count(name) > 1})
    if not missing and not repeated:
        return {name: names.index(name) for name in SCHEMA.names if name in names}
    raise SongsFileError(
        f"{path}, line 1: a songs CSV has other columns: missing {missing}, repeated {repeated}. "
        f"Found {header}; needed are {SCHEMA.names}."
    )


def _columns(path: Path, width: int, rows: list[tuple[int, list[str]]]) -> list[tuple[str, ...]]:
    for line, cells in rows:
        if len(cells) != width:
            _refuse(path, line, f"it has {len(cells)} cells, the header has {width}", "quote cells with commas")
    return list(zip(*(cells for _, cells in rows), strict=True))


def _values(path: Path, lines: list[int], field: pa.Field, cells: tuple[str, ...]) -> list[Any]:
    """The column's values; an empty cell of a number is null."""
    if not pa.types.is_string(field.type):
        return _numbers(path, lines, field, cells)
    for line, cell in zip(lines, cells, strict=True):
        if "\0" in cell:
            _refuse(path, line, f"{field.name} holds a NUL character", "remove it: PostgreSQL stores none")
    return [cell.strip() for cell in cells] if field.name in _IDS else list(cells)


def _numbers(path: Path, lines: list[int], field: pa.Field, cells: tuple[str, ...]) -> list[Any]:
    number: Callable[[str], Any] = float if pa.types.is_floating(field.type) else _whole
    values = []
    for line, cell in zip(lines, cells, strict=True):
        try:
            values.append(number(cell) if cell.strip() else None)
        except ValueError:
            kind = "number" if number is float else "whole number of 64 bits"
            _refuse(path, line, f"{field.name} is no {kind}: {cell!r}", "leave a cell empty where nothing is known")
    return values


def _whole(text: str) -> int:
    """The whole number a text says; 2001.0 says 2001. Raises ValueError."""
    digits, _, fraction = text.strip().partition(".")
    number = int(digits)
    if fraction.strip("0") or number not in _LONGS:
        raise ValueError(text)
    return number


def _check_keys(path: Path, lines: list[int], cells: tuple[str, ...], seen: dict[str, int]) -> None:
    for line, cell in zip(lines, cells, strict=True):
        key = cell.strip()
        if not key:
            _refuse(path, line, f"{_KEY} is blank", "give the track its id, or remove the line")
        if (first := seen.setdefault(key, line)) != line:
            _refuse(path, line, f"{_KEY} {key!r} stands in line {first} already", "keep one row a track")


def _refuse(path: Path, line: int, what: str, way_out: str) -> NoReturn:
    raise SongsFileError(f"{path}, line {line}: {what}. To do: {way_out}.")
