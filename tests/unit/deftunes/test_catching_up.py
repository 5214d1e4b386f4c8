"""Catching up: the days that a commit of silver.sessions names."""

from datetime import date

import pytest
from pyiceberg.table.snapshots import Operation, Snapshot, Summary

from deftunes.gold.catching_up import DAYS, _days


@pytest.mark.parametrize(
    ("operation", "said", "days"),
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
    operation: str, said: str | None, days: list[tuple[str, str]] | None
) -> None:
    named = {DAYS: said} if said else {}
    snapshot = Snapshot(
        snapshot_id=1, timestamp_ms=0, manifest_list="m", summary=Summary(Operation(operation), **named)
    )
    expected = days and [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in days]
    assert _days(snapshot) == expected
