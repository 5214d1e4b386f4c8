"""Catching up: the days that a commit of silver.sessions names."""

from datetime import date

import pytest

from deftunes.gold.catching_up import Commit, _days, days_to_build


@pytest.mark.parametrize(
    ("operation", "summary", "days"),
    [
        ("overwrite", "2020-02-28/2020-03-01", [("2020-02-28", "2020-03-01")]),
        (
            "overwrite",
            "2020-02-28/2020-03-01,2019-12-31/2019-12-31",
            [("2020-02-28", "2020-03-01"), ("2019-12-31", "2019-12-31")],
        ),
        ("overwrite", None, None),
        ("replace", None, []),
    ],
)
def test_days_of_a_commit_are_its_window_and_the_days_sessions_left(
    operation: str, summary: str | None, days: list[tuple[str, str]] | None
) -> None:
    expected = days and [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in days]
    assert _days(Commit(1, None, operation, summary)) == expected


FIRST, SECOND, THIRD = (date(2020, 1, day) for day in (1, 2, 3))
COMMITS = (
    Commit(1, None, "append", "2020-01-01/2020-01-01"),
    Commit(2, 1, "overwrite", "2020-01-02/2020-01-02"),
    Commit(3, 2, "replace", None),
    Commit(4, 3, "overwrite", "2020-01-03/2020-01-03"),
)


@pytest.mark.parametrize(
    ("current", "built", "span"),
    [
        (4, 4, (THIRD, THIRD)),
        (4, 1, (SECOND, THIRD)),
        (4, None, None),  # gold was never built
        (4, 99, None),  # what it was built of is expired
    ],
)
def test_build_covers_its_window_and_all_days_since_the_last_one(
    current: int, built: int | None, span: tuple[date, date] | None
) -> None:
    assert days_to_build((THIRD, THIRD), COMMITS, current, built) == span


def test_commit_that_does_not_say_its_days_has_all_of_history_built() -> None:
    assert days_to_build((THIRD, THIRD), [*COMMITS, Commit(5, 4, "overwrite", None)], 5, 4) is None
