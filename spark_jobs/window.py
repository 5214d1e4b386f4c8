"""A window: the days a run is about, both ends inclusive."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from spark_jobs.problem import Problem

EARLIEST, LATEST = date(1970, 1, 1), date(2199, 12, 31)  # the days that every engine holds as it holds today's


@dataclass(frozen=True)
class Window:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @classmethod
    def parse(cls, first: str, last: str) -> "Window":
        """The window of two ISO dates.

        Raises Problem for a date that is none or lies before EARLIEST or after LATEST, and for reversed dates.
        """
        window = cls(_day(first, "FROM"), _day(last, "TO"))
        if window.first > window.last:
            raise Problem(
                "The window ends before it starts",
                "FROM and TO",
                f"{first} to {last}",
                f"swap the dates: FROM={last} TO={first}",
            )
        return window

    def days(self) -> Iterator[date]:
        for offset in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=offset)

    def holds(self, column: str) -> str:
        """SQL condition: the timestamp `column` (UTC) lies inside, the last microsecond included."""
        after = self.last + timedelta(days=1)
        return f"{column} >= timestamp'{self.first} 00:00:00 UTC' and {column} < timestamp'{after} 00:00:00 UTC'"

    def misses(self, column: str) -> str:
        """SQL condition: the timestamp `column` (UTC) lies outside."""
        after = self.last + timedelta(days=1)
        return f"({column} < timestamp'{self.first} 00:00:00 UTC' or {column} >= timestamp'{after} 00:00:00 UTC')"

    def __str__(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"


def _day(text: str, name: str) -> date:
    is_written = re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) is not None
    try:
        day = datetime.strptime(text if is_written else "", "%Y-%m-%d").date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        raise Problem(
            f"{name} is not a date", name, repr(text), f"write it as YYYY-MM-DD, for example {name}=2020-01-31"
        ) from None
    if not EARLIEST <= day <= LATEST:
        raise Problem(f"{name} is out of range", name, text, f"give a day from {EARLIEST} to {LATEST}")
    return day
