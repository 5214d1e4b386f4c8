"""refine sessions that are delivered on more than one day: the newest delivery counts, once, in whatever order."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from spark_jobs.lake.landing import Landing
from spark_jobs.lake.tables import Branch
from tests.integration.spark_jobs.test_refine_sessions import item, seeded_lake, session_id, sold

__all__ = ["seeded_lake"]  # the fixture: a lake with one user and one track

FIRST, SECOND, THIRD = "2020-03-01", "2020-03-02", "2020-03-03"
MORNING, NOON, EVENING = "2020-04-01T06:00:00", "2020-04-01T12:00:00", "2020-04-01T18:00:00"


@pytest.fixture(autouse=True)
def no_sessions(seeded_lake) -> None:  # type: ignore[no-untyped-def]
    """No session, no quarantine, nothing moved."""
    for table in ("SILVER.sessions", "SILVER.quarantine_sessions", "OPS.moved_sessions"):
        seeded_lake.rows(f"delete from {table}")


def refine(seeded_lake, first: str, last: str = "", **options: Any) -> dict[str, Any]:  # type: ignore[no-untyped-def]
    summary = seeded_lake.refine("sessions", first, last, max_quarantine_share=0.5, **options)
    assert "problem" not in summary, summary
    assert summary["landed_records"] == records_of(seeded_lake, summary) + summary["duplicate_records"]
    return summary


def records_of(seeded_lake, summary: dict[str, Any]) -> int:  # type: ignore[no-untyped-def]
    """Sessions of the window, in silver or in quarantine."""
    days = f"between date'{summary['from']}' and date'{summary['to']}'"
    [(count,)] = seeded_lake.rows(
        f"select count(distinct session_id) from (select session_id from SILVER.sessions where ingest_on {days} union "
        f"all select split(record_id, '#')[0] from SILVER.quarantine_sessions where ingest_on {days})"
    )
    return int(count)


def places(seeded_lake) -> list[tuple[int, int, int]]:  # type: ignore[no-untyped-def]
    """Day of March, session, items of each session in silver."""
    return seeded_lake.rows(
        "select day(session_start_time), cast(right(session_id, 12) as int), count(*) from SILVER.sessions"
        " where session_start_time >= '2020-03-01' group by 1, 2 order by 1, 2"
    )


def test_session_of_two_days_of_one_window_counts_on_the_later_day(seeded_lake) -> None:
    seeded_lake.land("sessions", FIRST, [sold(FIRST, 1), sold(FIRST, 2)], landed_at=NOON)
    seeded_lake.land("sessions", SECOND, [sold(SECOND, 1, item(price=0.5), item()), sold(SECOND, 3)], landed_at=NOON)

    summary = refine(seeded_lake, FIRST, SECOND)

    assert places(seeded_lake) == [(1, 2, 1), (2, 1, 2), (2, 3, 1)]
    figures = ("landed_records", "duplicate_records", "opened_rows", "silver_rows", "quarantined_rows")
    assert [summary[name] for name in figures] == [4, 1, 4, 4, 0]
    head = seeded_lake.head("sessions")
    for days in ((FIRST, SECOND), (FIRST,), (SECOND,)):
        assert not refine(seeded_lake, *days)["is_changed"]
    assert seeded_lake.head("sessions") == head


def test_session_that_moved_leaves_the_day_that_is_not_requested_again(seeded_lake) -> None:
    seeded_lake.land("sessions", FIRST, [sold(FIRST, 1, item(), item()), sold(FIRST, 2)], landed_at=MORNING)
    seeded_lake.land("sessions", SECOND, [sold(SECOND, 3)], landed_at=MORNING)
    refine(seeded_lake, FIRST, SECOND)
    seeded_lake.land("sessions", SECOND, [sold(SECOND, 3), sold(SECOND, 1)], landed_at=NOON)

    summary = refine(seeded_lake, SECOND)

    assert places(seeded_lake) == [(1, 2, 1), (2, 1, 1), (2, 3, 1)]
    assert (summary["silver_rows"], summary["duplicate_records"]) == (2, 0)
    head = seeded_lake.head("sessions")
    [(days,)] = seeded_lake.rows(
        f"select summary['deftunes.window'] from SILVER.sessions.snapshots where snapshot_id = {head}"
    )
    assert days == f"{SECOND}/{SECOND},{FIRST}/{FIRST}"
    head = seeded_lake.head("sessions")
    assert [refine(seeded_lake, day)["is_changed"] for day in (FIRST, SECOND)] == [False, False]
    assert seeded_lake.head("sessions") == head


def test_session_that_moves_back_is_not_lost(seeded_lake) -> None:
    seeded_lake.land("sessions", FIRST, [sold(FIRST, 1), sold(FIRST, 2)], landed_at=MORNING)
    seeded_lake.land("sessions", SECOND, [sold(SECOND, 1), sold(SECOND, 3)], landed_at=NOON)
    refine(seeded_lake, FIRST, SECOND)
    seeded_lake.land("sessions", SECOND, [sold(SECOND, 3)], landed_at=EVENING)

    refine(seeded_lake, SECOND)

    assert places(seeded_lake) == [(1, 1, 1), (1, 2, 1), (2, 3, 1)]
    assert [refine(seeded_lake, day)["is_changed"] for day in (FIRST, SECOND)] == [False, False]


@pytest.mark.parametrize("order", [(SECOND, THIRD, FIRST), (THIRD, FIRST, SECOND)])  # the newest first, and last
def test_order_of_windows_does_not_matter_to_a_session_of_three_days(seeded_lake, order: tuple[str, ...]) -> None:
    for day, landed_at, count in ((FIRST, NOON, 1), (SECOND, EVENING, 2), (THIRD, MORNING, 3)):
        seeded_lake.land("sessions", day, [sold(day, 1, *[item()] * count), sold(day, 10 + count)], landed_at=landed_at)

    for day in order:
        refine(seeded_lake, day)

    assert places(seeded_lake) == [(1, 11, 1), (2, 1, 2), (2, 12, 1), (3, 13, 1)]
    assert not refine(seeded_lake, FIRST, THIRD)["is_changed"]


def test_copy_that_starts_on_another_day_than_requested_does_not_replace_the_true_one(seeded_lake) -> None:
    """A source may answer with sessions that go on over midnight on both days."""
    seeded_lake.land("sessions", FIRST, [sold(FIRST, 1)], landed_at=MORNING)
    seeded_lake.land("sessions", SECOND, [sold(FIRST, 1), sold(SECOND, 2)], landed_at=NOON)

    for days in ((FIRST, SECOND), (SECOND,)):
        refine(seeded_lake, *days)
        assert places(seeded_lake) == [(1, 1, 1), (2, 2, 1)]
        assert seeded_lake.rows("select * from SILVER.quarantine_sessions") == []


def test_newest_delivery_that_is_quarantined_counts_too_and_gives_way_to_a_newer_one(seeded_lake) -> None:
    seeded_lake.land("sessions", FIRST, [sold(FIRST, 1), sold(FIRST, 2)], landed_at=MORNING)
    seeded_lake.land("sessions", SECOND, [sold(SECOND, 1, item(price="dear")), sold(SECOND, 3)], landed_at=NOON)
    quarantined = "select record_id, cast(ingest_on as string) from SILVER.quarantine_sessions"
    for days in ((FIRST,), (SECOND,), (FIRST,)):
        refine(seeded_lake, *days)
    assert places(seeded_lake) == [(1, 2, 1), (2, 3, 1)]
    assert seeded_lake.rows(quarantined) == [(f"{session_id(1)}#1", SECOND)]

    seeded_lake.land("sessions", FIRST, [sold(FIRST, 2), sold(FIRST, 1)], landed_at=EVENING)
    refine(seeded_lake, FIRST)

    assert places(seeded_lake) == [(1, 1, 1), (1, 2, 1), (2, 3, 1)]
    assert seeded_lake.rows(quarantined) == []


def test_row_that_a_rule_names_is_quarantined_on_the_day_that_counts(seeded_lake) -> None:
    seeded_lake.land("sessions", FIRST, [sold(FIRST, 1), sold(FIRST, 2)], landed_at=MORNING)
    refine(seeded_lake, FIRST)
    seeded_lake.land("sessions", SECOND, [sold(SECOND, 1, item(price=9.99), item()), sold(SECOND, 3)], landed_at=NOON)

    for days in ((SECOND,), (FIRST,)):
        refine(seeded_lake, *days)
        assert places(seeded_lake) == [(1, 2, 1), (2, 1, 1), (2, 3, 1)]
        [(record, day)] = seeded_lake.rows(
            "select record_id, cast(ingest_on as string) from SILVER.quarantine_sessions"
        )
        assert (record, day) == (f"{session_id(1)}#1", SECOND)


def test_crash_between_the_list_of_moved_sessions_and_publishing_harms_nothing(seeded_lake, monkeypatch) -> None:
    seeded_lake.land("sessions", FIRST, [sold(FIRST, 1), sold(FIRST, 2)], landed_at=MORNING)
    refine(seeded_lake, FIRST)
    seeded_lake.land("sessions", SECOND, [sold(SECOND, 1)], landed_at=NOON)
    with monkeypatch.context() as crash:
        crash.setattr(Branch, "publish", lambda branch: (_ for _ in ()).throw(OSError("power cut")))
        assert "power cut" in seeded_lake.refine("sessions", SECOND)["problem"]["value"]
    assert places(seeded_lake) == [(1, 1, 1), (1, 2, 1)]

    refine(seeded_lake, FIRST)
    refine(seeded_lake, SECOND)

    assert places(seeded_lake) == [(1, 2, 1), (2, 1, 1)]
    assert len(seeded_lake.rows("select * from OPS.moved_sessions")) == 2


def test_day_that_is_no_longer_in_landing_keeps_its_other_sessions(seeded_lake) -> None:
    seeded_lake.land("sessions", FIRST, [sold(FIRST, 1), sold(FIRST, 2)], landed_at=MORNING)
    seeded_lake.land("sessions", SECOND, [sold(SECOND, 3)], landed_at=MORNING)
    refine(seeded_lake, FIRST, SECOND)
    landing = Landing(seeded_lake.landing_uri, "api", "sessions")
    Path(landing.folder(date.fromisoformat(FIRST)).removeprefix("file://"), "_manifest.json").unlink()
    seeded_lake.land("sessions", SECOND, [sold(SECOND, 1)], landed_at=NOON)

    refine(seeded_lake, SECOND)

    assert places(seeded_lake) == [(1, 2, 1), (2, 1, 1)]


@pytest.mark.parametrize("day", [FIRST, SECOND])
def test_lake_in_which_a_session_was_sold_twice_is_mended_by_either_day(seeded_lake, day: str) -> None:
    seeded_lake.land("sessions", FIRST, [sold(FIRST, 1), sold(FIRST, 2)])
    seeded_lake.land("sessions", SECOND, [sold(SECOND, 3)])
    refine(seeded_lake, FIRST, SECOND)
    seeded_lake.land("sessions", SECOND, [sold(SECOND, 3), sold(SECOND, 1)])
    seeded_lake.rows(
        "insert into SILVER.sessions select session_id, item_number, user_id, track_id, song_name, artist_id,"
        " artist_name, price, currency, liked, liked_since, user_agent, session_start_time + interval 1 day,"
        f" date'{SECOND}' from SILVER.sessions where session_id = '{session_id(1)}'"
    )
    assert places(seeded_lake) == [(1, 1, 1), (1, 2, 1), (2, 1, 1), (2, 3, 1)]

    refine(seeded_lake, day)

    assert places(seeded_lake) == [(1, 2, 1), (2, 1, 1), (2, 3, 1)]
