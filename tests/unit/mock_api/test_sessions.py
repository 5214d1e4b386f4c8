"""What the sessions of a quarter must contain: the volume, and each trap of the data."""

import json
import re
from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import pytest

from mock_api.calendar import odd_day
from mock_api.dataset import Dataset
from mock_api.text import body

Record = dict[str, Any]
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}")


def _day(record: Record) -> str:
    return str(record["session_start_time"])[:10]


@pytest.mark.slow
def test_quarter_has_110000_items_when_scale_is_one(items: list[Record], quarter: list[Record]) -> None:
    assert 110_000 <= len(items) <= 130_000
    sizes = Counter(len(row["session_items"]) for row in quarter)
    assert set(sizes) == set(range(13))
    assert sizes[5] + sizes[6] > len(quarter) / 2


def test_session_has_the_contracts_fields_when_decoded(quarter: list[Record]) -> None:
    session = quarter[0]
    assert list(session) == ["user_id", "session_id", "session_items", "user_agent", "session_start_time"]
    assert list(session["session_items"][0]) == [
        "song_id",
        "song_name",
        "artist_id",
        "artist_name",
        "price",
        "currency",
        "liked",
        "liked_since",
    ]


def test_ids_are_unique_uuids_when_read_over_a_quarter(quarter: list[Record]) -> None:
    ids = {row["session_id"] for row in quarter}
    assert len(ids) == len(quarter)
    assert all(UUID.fullmatch(row["session_id"]) and UUID.fullmatch(row["user_id"]) for row in quarter)


@pytest.mark.slow
def test_item_sells_a_track_id_when_it_says_song_id(items: list[Record], songs: list[Record]) -> None:
    tracks = {song["track_id"]: song for song in songs}
    work_ids = {song["song_id"] for song in songs}
    for item in items:
        song = tracks[item["song_id"]]
        assert (item["song_name"], item["artist_id"]) == (song["title"], song["artist_id"])
        assert item["artist_name"] == song["artist_name"]
        assert item["song_id"] not in work_ids


def test_sessions_are_in_order_and_well_formed_when_read(quarter: list[Record]) -> None:
    starts = [row["session_start_time"] for row in quarter]
    assert starts == sorted(starts)
    assert all(STAMP.fullmatch(start) for start in starts)


def test_each_open_day_has_its_first_and_last_microsecond_when_read(quarter: list[Record]) -> None:
    starts = {row["session_start_time"] for row in quarter}
    days = {_day(row) for row in quarter}
    assert {start for start in starts if start.endswith("T00:00:00.000000")} == {f"{d}T00:00:00.000000" for d in days}
    assert {start for start in starts if start.endswith("T23:59:59.999999")} == {f"{d}T23:59:59.999999" for d in days}


def test_only_the_closed_day_has_no_session_when_it_is_a_leap_year(quarter: list[Record]) -> None:
    all_days = {(date(2020, 1, 1) + timedelta(number)).isoformat() for number in range(91)}
    assert all_days - {_day(row) for row in quarter} == {odd_day(42, "closed", 2020, 1).isoformat()}


def test_nothing_is_liked_when_the_day_is_the_unliked_one(quarter: list[Record]) -> None:
    liked = Counter(_day(row) for row in quarter for item in row["session_items"] if item["liked"])
    unliked = {_day(row) for row in quarter} - set(liked)
    assert unliked == {odd_day(42, "unliked", 2020, 1).isoformat()}


def test_all_prices_are_whole_when_the_day_is_the_whole_one(full_dataset: Dataset) -> None:
    day = odd_day(42, "whole", 2020, 1)
    text = body(full_dataset.sessions.json(*full_dataset.sessions.calendar.bounds(day, day))).decode()
    assert set(re.findall(r'"price":([^,]+),', text)) == {"1.0"}


def test_liked_since_is_null_exactly_when_not_liked(items: list[Record]) -> None:
    for item in items:
        assert item["liked"] is (item["liked_since"] is not None)
        if item["liked"]:
            assert STAMP.fullmatch(item["liked_since"])
            assert item["liked_since"] >= item["start"]
    assert any(item["liked_since"][:4] >= "2023" for item in items if item["liked"])


def test_prices_are_cents_between_30_and_190_when_read(items: list[Record]) -> None:
    assert all(0.3 <= item["price"] <= 1.9 and round(item["price"], 2) == item["price"] for item in items)
    assert {item["currency"] for item in items} == {"USD"}
    assert len({item["price"] for item in items}) > 100


@pytest.mark.slow
def test_price_of_a_song_moves_a_little_when_months_pass(items: list[Record]) -> None:
    whole_day = odd_day(42, "whole", 2020, 1).isoformat()
    by_month: dict[tuple[str, str], set[float]] = defaultdict(set)
    by_song: dict[str, set[float]] = defaultdict(set)
    for item in items:
        if not item["start"].startswith(whole_day):
            by_month[item["song_id"], item["start"][:7]].add(item["price"])
            by_song[item["song_id"]].add(item["price"])
    assert all(len(prices) == 1 for prices in by_month.values())
    spreads = {round(max(prices) - min(prices), 2) for prices in by_song.values()}
    assert max(spreads) == 0.1
    assert {0.0, 0.05} < spreads


def test_some_sessions_are_empty_when_a_quarter_is_read(quarter: list[Record]) -> None:
    empty = [row for row in quarter if not row["session_items"]]
    assert odd_day(42, "whole", 2020, 1).isoformat() in {_day(row) for row in empty}
    assert 1 <= len(empty) <= len(quarter) / 500


def test_text_has_awkward_letters_when_read(items: list[Record]) -> None:
    text = {item["song_name"] + item["artist_name"] for item in items}
    for awkward in ('"', "'", ",", "é", "夜", "Г"):
        assert any(awkward in name for name in text), awkward


def test_few_artists_sell_most_when_popularity_is_skewed(items: list[Record]) -> None:
    sold = Counter(item["artist_id"] for item in items).most_common()
    top = sum(count for _, count in sold[: len(sold) // 10])
    assert top > 0.4 * len(items)


def test_answer_is_compact_json_when_encoded_again(full_dataset: Dataset) -> None:
    text = body(full_dataset.sessions.json(90_000, 90_050)).decode()[1:]
    assert json.dumps(json.loads(f"[{text}]"), ensure_ascii=False, separators=(",", ":"))[1:-1] == text


def test_evening_sells_more_when_compared_with_the_night(quarter: list[Record]) -> None:
    hour = Counter(int(row["session_start_time"][11:13]) for row in quarter)
    assert set(hour) == set(range(24))
    assert hour[20] > 5 * hour[4]


def test_weekend_sells_more_when_compared_with_tuesday(quarter: list[Record]) -> None:
    weekday = Counter(date.fromisoformat(_day(row)).weekday() for row in quarter)
    assert weekday[5] > 1.2 * weekday[1]
