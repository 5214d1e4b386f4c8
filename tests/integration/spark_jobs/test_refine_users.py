"""refine users: the newest delivery of a user wins, in whatever order windows are refined."""

import json
from typing import Any


def user(number: int, name: str, day: str, **changes: Any) -> dict[str, Any]:
    return {
        "user_id": f"6b287203-7cab-4f1a-b1a4-{number:012d}", "user_name": name, "user_lastname": "Carey",
        "user_location": ["46.32313", "-0.45877", "Niort", "FR", "Europe/Paris"], "user_since": f"{day}T00:00:00",
        **changes,
    }  # fmt: skip


def people(lake) -> list[tuple[Any, ...]]:  # type: ignore[no-untyped-def]
    return lake.rows(
        "select cast(right(user_id, 12) as int), user_name, cast(ingest_on as string) from SILVER.users order by 1"
    )


def refine(lake, *windows: str) -> list[bool]:  # type: ignore[no-untyped-def]
    """Refines the windows in this order into empty tables; says which of them changed something."""
    lake.drop()
    summaries = [lake.refine("users", *window.split("/")) for window in windows]
    assert not [summary for summary in summaries if "problem" in summary], summaries
    return [summary["is_changed"] for summary in summaries]


def test_order_of_windows_does_not_matter(lake) -> None:
    old, new = "2020-01-02", "2020-01-03"
    lake.land("users", "2020-01-01", [user(1, "known before", "2015-05-05"), user(2, "history", old)], first=None)
    lake.land("users", old, [user(2, "old", old), user(3, "Zoë", old)])
    lake.land("users", new, [user(2, "new", old), user(4, "Anna", new)])
    expected = [(1, "known before", "2015-05-05"), (2, "new", new), (3, "Zoë", old), (4, "Anna", new)]

    assert refine(lake, old, new, old, f"{old}/{new}") == [True, True, False, False]
    assert people(lake) == expected
    assert refine(lake, new, old) == [True, True]
    assert people(lake) == expected


def test_corrected_delivery_of_the_same_day_replaces_and_null_is_not_empty(lake) -> None:
    day = "2020-01-05"
    lake.land("users", day, [user(1, "Ann", day, user_location=["1", "2", "", "FR", "Europe/Paris"])])
    assert refine(lake, day) == [True]

    lake.land("users", day, [user(1, "Ann", day, user_location=["1", "2", None, "FR", "Europe/Paris"])])

    assert lake.refine("users", day)["is_changed"]
    assert lake.rows("select place_name from SILVER.users") == [(None,)]


def test_broken_record_in_a_good_page_is_the_only_one_quarantined(lake) -> None:
    day = "2020-01-07"
    good = json.dumps([user(number, "Ann", day) for number in range(30)])
    lake.land("users", day, '[{"user_id": oops}, ' + good[1:])
    lake.drop()

    summary = lake.refine("users", day)

    assert (summary.get("landed_records"), summary.get("silver_rows"), summary.get("quarantined_rows")) == (31, 30, 1)
    assert lake.rows("select raw, reasons from SILVER.quarantine_users") == [
        ('{"user_id": oops}', "the record cannot be read: Expecting value at character 13: 'oops}'")
    ]


def test_user_who_came_with_the_history_is_replaced_by_the_delivery_of_the_own_day(lake) -> None:
    good = [user(number, "Ann", "2020-01-05") for number in range(2, 30)]
    off_earth = user(30, "Lost", "2020-01-06", user_location=["99", "0", "", "FR", "Europe/Paris"])
    lake.land("users", "2020-01-09", [user(1, "early", "2020-01-05"), *good, off_earth], first=None)
    lake.land("users", "2020-01-10", [user(31, "Zoë", "2020-01-10")])
    lake.land("users", "2020-01-05", [user(1, "late", "2020-01-05"), *good])

    assert refine(lake, "2020-01-10", "2020-01-05", "2020-01-05") == [True, True, False]
    assert people(lake)[0] == (1, "late", "2020-01-05")
    again = lake.refine("users", "2020-01-10")
    assert (again["quarantined_rows"], again["is_changed"]) == (1, False)
    assert people(lake)[0] == (1, "late", "2020-01-05")
    assert lake.rows("select cast(ingest_on as string) from SILVER.quarantine_users") == [("2020-01-09",)]


def test_user_of_two_days_is_what_was_landed_last_in_any_order(lake) -> None:
    """A corrected date of registration: the newer delivery may be that of the older day."""
    old, new = "2020-05-02", "2020-05-03"
    lake.land("users", old, [user(1, "corrected", old), user(2, "Ann", old)], landed_at="2020-06-02T00:00:00")
    lake.land("users", new, [user(1, "first", new), user(3, "Zoë", new)], landed_at="2020-06-01T00:00:00")
    expected = [(1, "corrected", old), (2, "Ann", old), (3, "Zoë", new)]

    for windows in ((old, new), (new, old), (f"{old}/{new}",)):
        refine(lake, *windows)
        assert people(lake) == expected
        assert not lake.refine("users", new)["is_changed"]
        assert people(lake) == expected


def test_user_of_two_days_landed_together_is_that_of_the_later_day(lake) -> None:
    old, new, landed_at = "2020-05-05", "2020-05-06", "2020-06-01T00:00:00"
    lake.land("users", old, [user(1, "old", old), user(2, "Ann", old)], landed_at=landed_at)
    lake.land("users", new, [user(1, "new", new)], landed_at=landed_at)

    for windows in ((old, new), (new, old), (f"{old}/{new}",)):
        refine(lake, *windows)
        assert people(lake) == [(1, "new", new), (2, "Ann", old)]


def test_users_of_a_gap_come_with_the_window_after_it(lake) -> None:
    gap, day, landed_at = "2020-05-10", "2020-05-11", "2020-06-01T00:00:00"
    in_gap = [user(1, "eighth", "2020-05-08"), user(2, "tenth", gap)]
    lake.land("users", gap, in_gap, first="2020-05-08", landed_at=landed_at)
    lake.land("users", day, [user(3, "eleventh", day)], landed_at=landed_at)
    expected = [(1, "eighth", "2020-05-08"), (2, "tenth", gap), (3, "eleventh", day)]

    assert refine(lake, day, gap, day, f"{gap}/{day}") == [True, False, False, False]
    assert people(lake) == expected

    lake.land("users", "2020-05-08", [user(1, "eighth again", "2020-05-08")], landed_at="2020-06-02T00:00:00")
    assert lake.refine("users", "2020-05-08")["is_changed"]
    assert not lake.refine("users", day)["is_changed"]
    assert people(lake)[0] == (1, "eighth again", "2020-05-08")


def test_gap_of_one_day_comes_with_the_window_after_it(lake) -> None:
    gap, day, landed_at = "2020-05-14", "2020-05-15", "2020-06-01T00:00:00"
    lake.land("users", gap, [user(1, "Ann", gap)], landed_at=landed_at)
    lake.land("users", day, [user(2, "Zoë", day)], landed_at=landed_at)

    refine(lake, day)

    assert people(lake) == [(1, "Ann", gap), (2, "Zoë", day)]


def test_lake_without_times_of_landing_gets_the_column_and_keeps_its_users(lake) -> None:
    old, new = "2020-05-20", "2020-05-21"
    lake.land("users", old, [user(1, "old", old), user(2, "Ann", old)])
    lake.land("users", new, [user(1, "new", new)])
    refine(lake, old, new)
    lake.rows("alter table SILVER.users drop column landed_at")

    assert [lake.refine("users", day)["is_changed"] for day in (old, new)] == [False, False]
    assert people(lake) == [(1, "new", new), (2, "Ann", old)]
    assert lake.rows("select distinct landed_at from SILVER.users") == [(None,)]

    lake.land("users", old, [user(1, "moved", old), user(2, "Ann", old)], landed_at="2020-06-01T00:00:00")
    lake.refine("users", old)
    assert people(lake) == [(1, "moved", old), (2, "Ann", old)]
