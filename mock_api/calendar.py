"""The calendar: how many users register and how many sessions start on each day, and which days are odd.

A `Calendar` numbers all rows of one kind in the order of time: day d owns the rows
starts[d] .. starts[d + 1] - 1. Volumes follow the weekday, the month and some noise, and are the same
from year to year.
"""

from dataclasses import dataclass
from datetime import date
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mock_api.draws import Floats, Numbers, key, shares

FIRST_DAY = date(2019, 1, 1)
LAST_DAY = date(2030, 12, 31)
LAUNCH_DAY = date(2020, 1, 1)
DAYS = (LAST_DAY - FIRST_DAY).days + 1

SESSIONS_PER_DAY = 240  # at scale 1
USERS_PER_DAY = 40
USERS_PER_DAY_BEFORE_LAUNCH = 3
LAUNCH_BURST = (500, 400, 300, 200, 150)  # users on the first days after the launch, at scale 1

_WEEKDAY = np.array([0.90, 0.88, 0.92, 0.96, 1.12, 1.22, 1.00])  # Monday first
_MONTH = np.array([0.97, 0.98, 1.00, 0.97, 0.99, 1.03, 1.05, 1.02, 0.95, 0.96, 1.00, 1.08])
_NOISE = 0.08  # a day differs from its weekday and month by at most this share
_FEWEST = 5  # rows on an open day, however small the scale


@dataclass(frozen=True)
class Calendar:
    """Row numbers of one kind of row (users or sessions); `starts` has one entry a day and one after the last."""

    starts: Numbers

    @property
    def counts(self) -> Numbers:
        """Rows of each day."""
        return np.diff(self.starts)

    def bounds(self, first: date, last: date) -> tuple[int, int]:
        """Row numbers [low, high) of the days first..last, both inclusive; days outside the calendar have none."""
        low = min(max(day_number(first), 0), DAYS)
        high = min(max(day_number(last) + 1, low), DAYS)
        return int(self.starts[low]), int(self.starts[high])

    def places(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        """For each row number its day number and its position within that day."""
        day = np.searchsorted(self.starts, rows, side="right").astype(np.int64) - 1
        return day, rows - self.starts[day]


def day_number(day: date) -> int:
    """Days since the first day of the calendar; negative before it."""
    return (day - FIRST_DAY).days


def user_calendar(seed: int, scale: float) -> Calendar:
    """Registrations: a few a day before the launch, a burst in its first days, then a steady flow."""
    launch = day_number(LAUNCH_DAY)
    daily = USERS_PER_DAY * _shape(seed, "users")
    daily[:launch] = USERS_PER_DAY_BEFORE_LAUNCH
    daily[launch : launch + len(LAUNCH_BURST)] = LAUNCH_BURST
    return _calendar(np.maximum(np.rint(daily * scale), 2))


def session_calendar(seed: int, scale: float) -> Calendar:
    """Sessions by weekday, month and noise; none on the closed days."""
    daily = np.maximum(np.rint(SESSIONS_PER_DAY * scale * _shape(seed, "sessions")), _FEWEST)
    return _calendar(np.where(odd_days(seed, "closed"), 0, daily))


def odd_days(seed: int, kind: str) -> NDArray[np.bool_]:
    """True on one day a quarter, by kind: `closed` (no session), `unliked` (nothing liked), `whole` (prices 1.0)."""
    is_odd = np.zeros(DAYS, dtype=np.bool_)
    for year, quarter in product(range(FIRST_DAY.year, LAST_DAY.year + 1), range(1, 5)):
        is_odd[day_number(odd_day(seed, kind, year, quarter))] = True
    return is_odd


def odd_day(seed: int, kind: str, year: int, quarter: int) -> date:
    """The odd day of a kind: in the quarter's middle month, never its first or last day, never 29 February."""
    earliest = {"closed": 2, "unliked": 11, "whole": 20}[kind]
    return date(year, 3 * quarter - 1, earliest + int(key(seed, "odd day", kind, year, quarter) % np.uint64(8)))


def _shape(seed: int, kind: str) -> Floats:
    """The share of the average volume that each day has."""
    days = np.datetime64(FIRST_DAY) + np.arange(DAYS)
    weekday = (days.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    month = days.astype("datetime64[M]").astype(np.int64) % 12
    noise = 1 + _NOISE * (2 * shares(key(seed, kind, "volume"), np.arange(DAYS, dtype=np.uint64)) - 1)
    shape: Floats = _WEEKDAY[weekday] * _MONTH[month] * noise
    return shape


def _calendar(counts: Floats) -> Calendar:
    return Calendar(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))
