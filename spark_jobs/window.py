"""A window: the days a run is about, both ends inclusive."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from spark_jobs.problem import Problem


@dataclass(frozen=True)
class Window:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @classmethod
    def parse(cls, first: str, last: str) -> "Window":
        """The window of two ISO dates. Raises Problem for a date that is none, or reversed dates."""
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

    def __str__(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"


def _day(text: str, name: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        raise Problem(
            f"{name} is not a date", name, repr(text), f"write it as YYYY-MM-DD, for example {name}=2020-01-31"
        ) from None
