"""Sessions: one row per purchase session, in the order of session_start_time, with the list of its items.

Session `index` of the `count` sessions of a day starts in the index-th of `count` parts of that day that
are equally likely to be shopped in; the first one at its first microsecond, the last one at its last.
The buyer has registered before the session starts. Everything is drawn from the row's counter, so any
range of rows is made alone.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from numpy.typing import NDArray

from mock_api.calendar import FIRST_DAY, LAUNCH_DAY, Calendar, day_number, odd_days
from mock_api.catalogue import DEAREST, WHOLE, Catalogue, prices
from mock_api.draws import (
    Counters,
    Floats,
    Numbers,
    cumulative,
    draws,
    key,
    positions,
    row_counters,
    shares,
    weighted_positions,
)
from mock_api.people import People
from mock_api.text import DAY_US, framed, join_texts, strings, timestamps, uuids
from mock_api.users import user_ids

_ITEMS = cumulative(np.array([2, 3, 6, 12, 26, 26, 12, 6, 3, 2, 1, 1], dtype=np.float64))  # for 1..12 items
_NO_ITEMS_SHARE = 1 / 2000
_LIKED_SHARE = 0.3
_LATEST_LIKE_US = 4 * 365 * DAY_US
_EARLY_SHARE = 0.05  # sessions of users who registered before the launch
_EARLY_DAYS = 100  # so long before it
_HOUR = np.array([5, 3, 2, 1, 1, 2, 4, 6, 7, 8, 8, 9, 11, 10, 9, 9, 10, 12, 14, 16, 18, 17, 13, 8], dtype=np.float64)
_HOUR_BOUNDS = np.concatenate([[0.0], cumulative(_HOUR)])
_PRICE_TEXTS = pa.array([f'{cents / 100},"currency":"USD","liked":' for cents in range(DEAREST + 1)])


@dataclass(frozen=True)
class Source:
    """All that a session is made from; see `source`."""

    seed: int
    users: Calendar
    sessions: Calendar
    people: People
    catalogue: Catalogue
    unliked_days: NDArray[np.bool_]
    whole_days: NDArray[np.bool_]


@dataclass(frozen=True)
class _Rows:
    """Sessions to be made: their counters, days, positions within the day and starts (us since the calendar's)."""

    counters: Counters
    day: Numbers
    index: Numbers
    count: Numbers
    start: Numbers


def source(seed: int, users: Calendar, sessions: Calendar, people: People, catalogue: Catalogue) -> Source:
    """Ties the parts together and looks up the odd days."""
    return Source(seed, users, sessions, people, catalogue, odd_days(seed, "unliked"), odd_days(seed, "whole"))


def sessions(source: Source, low: int, high: int) -> pa.Array:
    """The sessions of rows low..high-1 as JSON objects, each with a comma before it."""
    rows = _rows(source, low, high)
    buyers = _buyers(source, rows)
    session_ids = uuids(_draw(source, "id high", rows.counters), _draw(source, "id low", rows.counters))
    agent = positions(key(source.seed, "session", "agent"), buyers, len(source.people.user_agents))
    return join_texts(
        ',{"user_id":"',
        strings(user_ids(source.seed, buyers)),
        '","session_id":"',
        strings(session_ids),
        '","session_items":[',
        _item_lists(source, rows),
        '],"user_agent":',
        source.people.user_agents.take(pa.array(agent)),
        ',"session_start_time":"',
        strings(timestamps(rows.start)),
        '"}',
    )


def _rows(source: Source, low: int, high: int) -> _Rows:
    day, index = source.sessions.places(np.arange(low, high))
    count = source.sessions.counts[day]
    counters = row_counters(day, index)
    share = (index + _share(source, "time", counters)) / count
    hour = np.interp(share, _HOUR_BOUNDS, np.arange(len(_HOUR_BOUNDS)))
    of_day = np.minimum((hour / 24 * DAY_US).astype(np.int64), DAY_US - 1)
    of_day = np.where(index == 0, 0, np.where(index == count - 1, DAY_US - 1, of_day))
    return _Rows(counters, day, index, count, day * DAY_US + of_day)


def _buyers(source: Source, rows: _Rows) -> Counters:
    """Row counters of the users who buy: all registered before the session starts, early ones more often."""
    launch = day_number(LAUNCH_DAY)
    is_early = (rows.day < launch) | (_share(source, "is early", rows.counters) < _EARLY_SHARE)
    first_early = np.where(rows.day < launch, 0, source.users.starts[launch - _EARLY_DAYS])
    end = source.users.starts[rows.day] + _registered_today(source, rows)
    low = np.where(is_early, first_early, source.users.starts[launch])
    high = np.where(is_early & (rows.day >= launch), source.users.starts[launch], end)
    row = low + (_share(source, "buyer", rows.counters) ** 1.4 * (high - low)).astype(np.int64)
    return row_counters(*source.users.places(row))


def _registered_today(source: Source, rows: _Rows) -> Numbers:
    """How many of the day's users have certainly registered when a session starts; the first always has."""
    passed = (rows.start - rows.day * DAY_US) / DAY_US
    return np.maximum((source.users.counts[rows.day] * passed).astype(np.int64), 1)


def _item_counts(source: Source, rows: _Rows) -> Numbers:
    counts = 1 + weighted_positions(key(source.seed, "session", "items"), rows.counters, _ITEMS)
    is_empty = _share(source, "no items", rows.counters) < _NO_ITEMS_SHARE
    is_empty |= source.whole_days[rows.day] & (rows.index == rows.count // 2)  # one a quarter for certain
    return np.where(is_empty, 0, counts)


def _item_lists(source: Source, rows: _Rows) -> pa.Array:
    """Each session's items, joined by commas."""
    counts = _item_counts(source, rows)
    ends = np.cumsum(counts)
    row = np.repeat(np.arange(len(counts)), counts)
    position = np.arange(len(row)) - np.repeat(ends - counts, counts)
    counters = _draw(source, "items of", rows.counters)[row] + position.astype(np.uint64)
    items = _items(source, counters, rows.day[row], rows.start[row])
    offsets = pa.array(np.concatenate([[0], ends]).astype(np.int32))
    return pc.binary_join(pa.ListArray.from_arrays(offsets, items), ",")


def _items(source: Source, counters: Counters, day: Numbers, start: Numbers) -> pa.Array:
    song = weighted_positions(key(source.seed, "item", "song"), counters, source.catalogue.popularity)
    month = (np.datetime64(FIRST_DAY) + day).astype("datetime64[M]").astype(np.int64)
    cents = np.where(source.whole_days[day], WHOLE, prices(source.seed, source.catalogue.cents, song, month))
    is_liked = (shares(key(source.seed, "item", "liked"), counters) < _LIKED_SHARE) & ~source.unliked_days[day]
    delay = shares(key(source.seed, "item", "liked since"), counters) ** 6 * _LATEST_LIKE_US
    return join_texts(
        source.catalogue.fragments.take(pa.array(song)),
        _PRICE_TEXTS.take(pa.array(cents)),
        _likes(is_liked, start + delay.astype(np.int64)),
    )


def _likes(is_liked: NDArray[np.bool_], since: Numbers) -> pa.Array:
    """The end of each item: liked and liked_since, null when it is not liked."""
    liked = strings(framed('true,"liked_since":"', timestamps(since[is_liked]), '"}'))
    texts = pa.concat_arrays([pa.array(['false,"liked_since":null}']), liked])
    return texts.take(pa.array(np.where(is_liked, np.cumsum(is_liked), 0)))


def _share(source: Source, name: str, counters: Counters) -> Floats:
    return shares(key(source.seed, "session", name), counters)


def _draw(source: Source, name: str, counters: Counters) -> Counters:
    return draws(key(source.seed, "session", name), counters)
