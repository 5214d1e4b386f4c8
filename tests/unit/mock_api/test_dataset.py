"""Determinism: the same call gives the same bytes, and any part is made without the rest."""

import json
from datetime import date, timedelta

import pytest

from mock_api.calendar import DAYS, FIRST_DAY, LAST_DAY, day_number, odd_day, session_calendar, user_calendar
from mock_api.dataset import Dataset, Rows, dataset, song_table
from mock_api.pages import PageError, array, page
from mock_api.text import body

pytestmark = pytest.mark.slow


def _bytes(rows: Rows, first: date, last: date) -> bytes:
    return b"".join(array(rows, *rows.calendar.bounds(first, last)))


@pytest.mark.parametrize("kind", ["users", "sessions"])
def test_day_is_the_same_alone_as_in_its_month(small_dataset: Dataset, kind: str) -> None:
    rows = getattr(small_dataset, kind)
    month = json.loads(_bytes(rows, date(2020, 2, 1), date(2020, 2, 29)))
    days = [json.loads(_bytes(rows, day, day)) for day in (date(2020, 2, 1) + timedelta(n) for n in range(29))]
    assert [record for day in days for record in day] == month
    assert all(record[rows.dated_by].startswith(f"2020-02-{n + 1:02}") for n in range(29) for record in days[n])


def test_bytes_are_the_same_when_the_dataset_is_made_twice(small_dataset: Dataset) -> None:
    again = dataset(7, 0.05, None)
    window = (date(2022, 5, 1), date(2022, 5, 9))
    assert _bytes(again.sessions, *window) == _bytes(small_dataset.sessions, *window)
    assert _bytes(again.users, *window) == _bytes(small_dataset.users, *window)
    assert song_table(7, 0.05, None).equals(song_table(7, 0.05, None))


def test_data_differ_when_the_seed_does(small_dataset: Dataset) -> None:
    other = dataset(8, 0.05, None)
    ids = [json.loads(_bytes(w.sessions, FIRST_DAY, FIRST_DAY))[0]["session_id"] for w in (small_dataset, other)]
    assert ids[0] != ids[1]
    tracks = [set(song_table(seed, 0.05, None)["track_id"].to_pylist()) for seed in (7, 8)]
    assert tracks[0].isdisjoint(tracks[1])


@pytest.mark.parametrize("kind", ["users", "sessions"])
@pytest.mark.parametrize("limit", [1, 7, 10_000])
def test_pages_make_the_unpaged_array_when_put_together(small_dataset: Dataset, kind: str, limit: int) -> None:
    rows = getattr(small_dataset, kind)
    window = (date(2020, 2, 10), date(2020, 2, 16))
    paged, cursor, texts = [], None, 0
    while texts == 0 or cursor is not None:
        cut = page(rows.calendar, *window, limit, cursor)
        paged.append(body(rows.json(cut.low, cut.high)))
        assert 0 < cut.high - cut.low <= limit
        cursor, texts = cut.next_cursor, texts + 1
    assert b"[" + b"".join(paged)[1:] + b"]" == _bytes(rows, *window)


@pytest.mark.parametrize("cursor", ["", "x", "-1", "0", "999999999", "٣", "1" * 40])
def test_cursor_is_refused_when_it_is_of_no_page(small_dataset: Dataset, cursor: str) -> None:
    with pytest.raises(PageError, match="cursor"):
        page(small_dataset.sessions.calendar, date(2020, 2, 10), date(2020, 2, 16), 5, cursor)


def test_every_day_has_its_rows_when_the_calendar_is_walked(small_dataset: Dataset) -> None:
    sessions = small_dataset.sessions.calendar.counts
    assert len(sessions) == DAYS == 4383
    assert (small_dataset.users.calendar.counts >= 2).all()
    closed = {odd_day(7, "closed", year, quarter) for year in range(2019, 2031) for quarter in range(1, 5)}
    assert {FIRST_DAY + timedelta(int(n)) for n in (sessions == 0).nonzero()[0]} == closed
    assert (sessions[sessions > 0] >= 5).all()


@pytest.mark.parametrize("day", [FIRST_DAY, date(2019, 12, 31), date(2024, 2, 29), LAST_DAY])
def test_buyers_have_registered_when_the_day_is_an_edge(small_dataset: Dataset, day: date) -> None:
    users = json.loads(_bytes(small_dataset.users, FIRST_DAY, day))
    since = {user["user_id"]: user["user_since"] for user in users}
    sessions = json.loads(_bytes(small_dataset.sessions, day, day))
    assert len(sessions) >= 5
    assert all(since[row["user_id"]] <= row["session_start_time"] for row in sessions)


def test_window_is_empty_when_it_lies_outside_the_calendar(small_dataset: Dataset) -> None:
    assert _bytes(small_dataset.users, date(1999, 1, 1), date(2018, 12, 31)) == b"[]"
    assert _bytes(small_dataset.users, date(2031, 1, 1), date(9999, 12, 31)) == b"[]"


def test_volume_grows_with_scale_and_stays_from_year_to_year() -> None:
    def year(scale: float, number: int) -> int:
        low, high = session_calendar(1, scale).bounds(date(number, 1, 1), date(number, 12, 31))
        return high - low

    assert year(3.0, 2021) == pytest.approx(3 * year(1.0, 2021), rel=0.01)
    assert year(1.0, 2021) == pytest.approx(year(1.0, 2025), rel=0.02)
    low, high = user_calendar(1, 1.0).bounds(date(2021, 1, 1), date(2021, 12, 31))
    assert high - low == pytest.approx(365 * 40, rel=0.03)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", ["closed", "unliked", "whole"])
def test_odd_days_are_inside_their_month_when_looked_up(seed: int, kind: str) -> None:
    days = [odd_day(seed, kind, year, quarter) for year in range(2019, 2031) for quarter in range(1, 5)]
    assert all(day.month in (2, 5, 8, 11) and 2 <= day.day <= 27 for day in days)
    assert all(0 <= day_number(day) < DAYS for day in days)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf"), 1000.5])
def test_scale_is_refused_when_out_of_range(scale: float) -> None:
    with pytest.raises(ValueError, match=r"scale .* is out of range"):
        dataset(1, scale, None)
