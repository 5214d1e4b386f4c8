"""The dataset: all that the API and the database hold for one seed, one scale and one catalogue."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]

from mock_api.calendar import Calendar, session_calendar, user_calendar
from mock_api.catalogue import catalogue
from mock_api.people import people
from mock_api.sessions import Source, sessions, source
from mock_api.songs import songs
from mock_api.songs_csv import songs_from_csv
from mock_api.users import users

LARGEST_SCALE = 1000.0


@dataclass(frozen=True)
class Rows:
    """One kind of row: its calendar, a function from row numbers [low, high) to JSON, and the field it is dated by."""

    calendar: Calendar
    json: Callable[[int, int], pa.Array]
    dated_by: str


@dataclass(frozen=True)
class Dataset:
    """`songs`: how many the catalogue has; `songs_csv`: the file it was read from, if any."""

    seed: int
    scale: float
    songs: int
    songs_csv: Path | None
    source: Source

    @property
    def users(self) -> Rows:
        """Registered users by user_since."""
        made = self.source
        return Rows(made.users, lambda low, high: users(made.seed, made.users, made.people, low, high), "user_since")

    @property
    def sessions(self) -> Rows:
        """Purchase sessions by session_start_time."""
        made = self.source
        return Rows(made.sessions, lambda low, high: sessions(made, low, high), "session_start_time")


def dataset(seed: int, scale: float, songs_csv: Path | None) -> Dataset:
    """Everything ready to be asked for. Raises ValueError for a scale out of range, SongsFileError for a bad file."""
    table = song_table(seed, scale, songs_csv)
    made = source(seed, user_calendar(seed, scale), session_calendar(seed, scale), people(), catalogue(seed, table))
    return Dataset(seed, scale, table.num_rows, songs_csv, made)


def song_table(seed: int, scale: float, songs_csv: Path | None) -> pa.Table:
    """The catalogue alone (columns as mock_api.songs.SCHEMA), from the file if one is given. Raises as `dataset`."""
    if not 0 < scale <= LARGEST_SCALE:
        raise ValueError(f"scale {scale} is out of range: give a number above 0 and at most {LARGEST_SCALE:g}")
    return songs(seed, scale) if songs_csv is None else songs_from_csv(songs_csv)
