"""Users: one row per registered user, in the order of user_since.

User `index` of the `count` users of a day registers in the index-th of `count` equal parts of that day;
the first one at its first microsecond, the last one at its last.
"""

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]

from mock_api.calendar import Calendar
from mock_api.draws import Counters, Numbers, draws, key, positions, row_counters, shares, weighted_positions
from mock_api.people import Names, People
from mock_api.text import DAY_US, Bytes, join_texts, strings, timestamps, uuids


def user_ids(seed: int, counters: Counters) -> Bytes:
    """The UUIDs of users, given by the counters of their rows."""
    return uuids(draws(key(seed, "user", "id high"), counters), draws(key(seed, "user", "id low"), counters))


def users(seed: int, calendar: Calendar, people: People, low: int, high: int) -> pa.Array:
    """The users of rows low..high-1 as JSON objects, each with a comma before it."""
    day, index = calendar.places(np.arange(low, high))
    counters = row_counters(day, index)
    place = weighted_positions(key(seed, "user", "place"), counters, people.popularity)
    locale = people.locale[place]
    since = day * DAY_US + _time_of_day(seed, counters, index, calendar.counts[day])
    return join_texts(
        ',{"user_id":"',
        strings(user_ids(seed, counters)),
        '","user_name":',
        _draw_names(seed, "first", counters, people.first_names, locale),
        ',"user_lastname":',
        _draw_names(seed, "last", counters, people.last_names, locale),
        ',"user_location":',
        people.places.take(pa.array(place)),
        ',"user_since":"',
        strings(timestamps(since)),
        '"}',
    )


def _time_of_day(seed: int, counters: Counters, index: Numbers, count: Numbers) -> Numbers:
    share = (index + shares(key(seed, "user", "time"), counters)) / count
    micros = (share * DAY_US).astype(np.int64)
    return np.where(index == 0, 0, np.where(index == count - 1, DAY_US - 1, micros))


def _draw_names(seed: int, kind: str, counters: Counters, names: Names, locale: Numbers) -> pa.Array:
    offset = positions(key(seed, "user", kind, "name"), counters, names.sizes[locale])
    return names.texts.take(pa.array(names.starts[locale] + offset))
