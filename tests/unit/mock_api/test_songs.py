"""What the catalogue must contain: keys, and the sentinels and spellings of the real one."""

import re
from collections import defaultdict
from typing import Any

import pytest

from mock_api.songs import SCHEMA, songs

Record = dict[str, Any]


def test_catalogue_is_of_the_scale_when_made() -> None:
    assert [songs(3, scale).num_rows for scale in (0.001, 0.05, 1.0, 2.5)] == [200, 500, 10_000, 25_000]
    assert songs(3, 0.05).schema == SCHEMA


def test_ids_have_their_form_when_made(songs: list[Record]) -> None:
    assert len({song["track_id"][2:7] for song in songs}) == len(songs)
    for song in songs:
        assert re.fullmatch(r"TR[A-Z]{5}128F[0-9A-F]{7}", song["track_id"])
        assert re.fullmatch(r"SO[A-Z]{5}12A[0-9A-F]{8}", song["song_id"])
        assert re.fullmatch(r"AR[A-Z]{5}1187B9[0-9A-F]{5}", song["artist_id"])


def test_song_id_is_shared_when_a_work_is_recorded_again(songs: list[Record]) -> None:
    titles = defaultdict(list)
    for song in songs:
        titles[song["song_id"]].append((song["title"], song["artist_id"]))
    shared = [pairs for pairs in titles.values() if len(pairs) > 1]
    assert 0.02 * len(songs) < len(shared) < 0.1 * len(songs)
    assert all(len(set(pairs)) == 1 for pairs in shared)


@pytest.mark.parametrize("scale", [0.02, 1.0])
def test_every_sentinel_occurs_when_the_catalogue_is_small_or_large(scale: float) -> None:
    rows = songs(11, scale).to_pylist()
    for column, sentinel in (("year", 0), ("shs_perf", -1), ("shs_work", 0), ("artist_mbid", "")):
        share = sum(row[column] == sentinel for row in rows) / len(rows)
        assert 0 < share < 1, column
    assert all((row["shs_perf"] == -1) == (row["shs_work"] == 0) for row in rows)
    assert all(row["year"] == 0 or 1950 < row["year"] < 2012 for row in rows)


def test_some_artists_have_two_spellings_when_their_names_are_compared(songs: list[Record]) -> None:
    spellings = defaultdict(set)
    for song in songs:
        spellings[song["artist_id"]].add(song["artist_name"])
    twofold = sum(len({re.sub(" feat. .*", "", name) for name in names}) == 2 for names in spellings.values())
    assert 0.01 * len(spellings) < twofold < 0.2 * len(spellings)
    assert len(songs) / 6 == pytest.approx(len(spellings), rel=0.01)


def test_artist_facts_agree_when_an_artist_has_several_tracks(songs: list[Record]) -> None:
    facts = defaultdict(set)
    for song in songs:
        facts[song["artist_id"]].add((song["artist_mbid"], song["artist_familiarity"], song["artist_hotttnesss"]))
    assert all(len(values) == 1 for values in facts.values())


def test_numbers_are_in_range_when_made(songs: list[Record]) -> None:
    assert all(30 <= song["duration"] <= 600 for song in songs)
    assert all(0 < song["artist_familiarity"] < 1 and 0 <= song["artist_hotttnesss"] < 1 for song in songs)
    assert all(song["track_7digitalid"] > 0 for song in songs)
