"""A real catalogue is taken over as it is, or refused with the reason."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from mock_api.pages import array
from mock_api.songs import SCHEMA
from mock_api.songs_csv import SongsFileError, songs_from_csv
from mock_api.world import world

HEADER = ",".join(SCHEMA.names)
ROW = 'TRA,"Fences, ""Live""",SOA,Fences,ARA,,Phoenix,224.54812,0.804186125817,0.644695280382,0,6715969,-1,0'
ODD = 'TRB,,SOA," Blank\x7f\x01 ",ARA,,"Phoenix\nand Friends",0.5,0.1,0.0,1999,0,-1,0'


@pytest.fixture
def songs_file(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def written(text: str | bytes) -> Path:
        path = tmp_path / "songs.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return written


def test_rows_stay_as_they_are_when_read(songs_file: Callable[[str | bytes], Path]) -> None:
    first, second = songs_from_csv(songs_file(f"{HEADER}\n{ROW}\n{ODD}\n")).to_pylist()
    assert first["title"] == 'Fences, "Live"'
    assert (first["artist_mbid"], first["duration"], first["artist_familiarity"]) == ("", 224.54812, 0.804186125817)
    assert (first["year"], first["shs_perf"], first["shs_work"]) == (0, -1, 0)
    assert (second["title"], second["release"], second["artist_name"]) == (
        "",
        " Blank\x7f\x01 ",
        "Phoenix\nand Friends",
    )


def test_text_may_have_many_lines_when_the_file_is_long(songs_file: Callable[[str | bytes], Path]) -> None:
    release = "line\n" * 200
    rows = [ROW.replace("TRA", f"TR{n}").replace("Fences,ARA", f'"{release}",ARA') for n in range(3000)]
    table = songs_from_csv(songs_file("\n".join([HEADER, *rows])))  # several of Arrow's blocks of 1 MB
    assert table["track_id"].to_pylist() == [f"TR{n}" for n in range(3000)]
    assert set(table["release"].to_pylist()) == {release}


def test_columns_may_stand_in_another_order_when_all_are_there(songs_file: Callable[[str | bytes], Path]) -> None:
    values = ["TRA", "t", "SOA", "r", "ARA", "", "n", "1.5", "0.5", "0.5", "0", "1", "-1", "0"]
    path = songs_file(f"{','.join(reversed(SCHEMA.names))}\n{','.join(reversed(values))}\n")
    table = songs_from_csv(path)
    assert table.schema == SCHEMA
    assert list(table.to_pylist()[0].values())[:5] == ["TRA", "t", "SOA", "r", "ARA"]


def test_sessions_sell_the_files_songs_when_it_is_given(songs_file: Callable[[str | bytes], Path]) -> None:
    sells = world(1, 0.05, songs_file(f"{HEADER}\n{ROW}\n{ODD}\n"))
    rows = sells.sessions
    answer = json.loads(b"".join(array(rows, *rows.calendar.bounds(date(2020, 1, 1), date(2020, 1, 9)))))
    sold = {(i["song_id"], i["song_name"], i["artist_name"]) for row in answer for i in row["session_items"]}
    assert sold == {("TRA", 'Fences, "Live"', "Phoenix"), ("TRB", "", "Phoenix\nand Friends")}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", r"is empty: give a CSV with a header of \['track_id'"),
        (f"{HEADER}\n", "has a header but no songs"),
        (f"{HEADER.replace(',year', '')}\n", r"missing \['year'\]"),
        (f"{HEADER},genre\n", r"not expected or repeated \['genre'\]"),
        (f"{HEADER},year\n", r"repeated \['year', 'year'\]"),
        (f"{HEADER.replace('hotttnesss', 'hotness')}\n{ROW}\n", "expected exactly .*artist_hotttnesss"),
        (f"{HEADER}\n{ROW.replace('224.54812', 'long')}\n", "cannot be read as a songs CSV.*'long'"),
        (f"{HEADER}\n{ROW},1\n", "cannot be read as a songs CSV.*Expected 14 columns, got 15"),
        (f"{HEADER}\n{ROW}\n{ROW}\n", "track_id 'TRA' twice or more"),
        (
            f"{HEADER}\n{ROW}\n".replace("Phoenix", "Ph\u00f6nix").encode("latin-1"),
            "cannot be read.*utf-8",
        ),
    ],
)
def test_file_is_refused_when_it_is_no_catalogue(
    songs_file: Callable[[str | bytes], Path], text: str | bytes, reason: str
) -> None:
    path = songs_file(text)
    with pytest.raises(SongsFileError, match=f"(?s)^{path}.*{reason}"):
        songs_from_csv(path)


def test_file_is_refused_when_it_is_missing_or_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(SongsFileError, match=f"^{path} "):
            songs_from_csv(path)
