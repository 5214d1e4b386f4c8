"""A real catalogue is taken over as it is, or refused with the reason."""

import gzip
import json
import math
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from mock_api import songs_csv
from mock_api.dataset import dataset
from mock_api.pages import array
from mock_api.songs import SCHEMA
from mock_api.songs_csv import SongsFileError, ignored_columns, songs_from_csv

HEADER = ",".join(SCHEMA.names)
ROW = 'TRA,"Fences, ""Live""",SOA,Fences,ARA,,Phoenix,224.54812,0.804186125817,0.644695280382,0,6715969,-1,0'
ODD = 'TRB,,SOA," Blank\x7f\x01 ",ARA,,"Phoenix\nand Friends",0.5,0.1,0.0,1999,0,-1,0'
QUOTED_BY_BACKSLASH = r'"Say \"hi\""'


def _with(**cells: str) -> str:
    """A row of plain cells, some of them others."""
    values = dict(
        zip(
            SCHEMA.names,
            ["TRB", "t", "SOA", "r", "ARA", "", "n", "1.5", "0.5", "0.5", "0", "1", "-1", "0"],
            strict=True,
        )
    )
    return ",".join((values | cells).values())


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


@pytest.mark.parametrize(
    "encoded",
    [
        lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
        lambda text: text.encode("utf-16"),
        lambda text: gzip.compress(text.encode()),
        lambda text: text.replace(HEADER, HEADER.upper().replace(",", ", ")).encode(),
        lambda text: (text + "\n\n").encode(),
        lambda text: (
            "\n".join(f"{n},{line}" for n, line in enumerate(text.splitlines())).replace("0,", ",", 1).encode()
        ),
        lambda text: "\n".join(f"{line},x" for line in text.splitlines()).encode(),
    ],
    ids=["BOM and CRLF", "UTF-16", "gzip", "capitals and blanks", "blank lines", "index of pandas", "a column more"],
)
def test_song_is_the_same_however_the_file_is_written(
    songs_file: Callable[[str | bytes], Path], encoded: Callable[[str], bytes]
) -> None:
    plain = f"{HEADER}\n{_with(title='Phönix', year='1999')}"
    assert songs_from_csv(songs_file(encoded(plain))) == songs_from_csv(songs_file(plain))


def test_what_is_not_known_or_wide_is_read_as_it_is(songs_file: Callable[[str | bytes], Path]) -> None:
    cells = {"track_id": " TRB ", "title": "", "year": " 2001.0 ", "track_7digitalid": "99999999999", "shs_perf": ""}
    [row] = songs_from_csv(songs_file(f"{HEADER}\n{_with(**cells, artist_hotttnesss='nan')}\n")).to_pylist()
    assert (row["track_id"], row["title"], row["year"]) == ("TRB", "", 2001)
    assert (row["track_7digitalid"], row["shs_perf"]) == (99999999999, None)
    assert math.isnan(row["artist_hotttnesss"])


def test_columns_that_are_no_songs_are_named(songs_file: Callable[[str | bytes], Path]) -> None:
    assert ignored_columns(songs_file(f",{HEADER},genre\n0,{ROW},x\n")) == ["", "genre"]


def test_optional_column_is_null_when_the_file_lacks_it(
    songs_file: Callable[[str | bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(songs_csv, "OPTIONAL", {"artist_mbid", "shs_work"})
    names = [name for name in SCHEMA.names if name not in ("artist_mbid", "shs_work")]
    cells = dict(zip(SCHEMA.names, _with().split(","), strict=True))
    file = songs_file(f"{','.join(names)}\n{','.join(cells[name] for name in names)}\n")
    [row] = songs_from_csv(file).to_pylist()
    assert (row["artist_mbid"], row["shs_work"], row["shs_perf"]) == (None, None, -1)
    with pytest.raises(SongsFileError, match=r"missing \['shs_perf'\]"):
        songs_from_csv(songs_file(f"{','.join(name for name in names if name != 'shs_perf')}\n"))


def test_sessions_sell_the_files_songs_when_it_is_given(songs_file: Callable[[str | bytes], Path]) -> None:
    sells = dataset(1, 0.05, songs_file(f"{HEADER}\n{ROW}\n{ODD}\n"))
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
        (f"{HEADER},year\n", r"line 1: .*repeated \['year'\]"),
        (f"{HEADER.replace('hotttnesss', 'hotness')}\n{ROW}\n", r"line 1: .*missing \['artist_hotttnesss'\]"),
        (f"{HEADER}\n{ROW}\n{_with(year='unknown')}\n", "line 3: year is no whole number of 64 bits: 'unknown'"),
        (f"{HEADER}\n{_with(year='2001.5')}\n", "line 2: year is no whole number of 64 bits: '2001.5'"),
        (f"{HEADER}\n{_with(shs_perf=str(1 << 63))}\n", "line 2: shs_perf is no whole number of 64 bits"),
        (f"{HEADER}\n{_with(duration='NULL')}\n", "line 2: duration is no number: 'NULL'. To do: leave a cell empty"),
        (f"{HEADER}\n{_with(title='a' + chr(0))}\n", "line 2: title holds a NUL character"),
        (f"{HEADER}\n{ROW},1\n", "line 2: it has 15 cells, the header has 14"),
        (f"{HEADER}\n{ODD}\nTRX,only three,cells\n", "line 4: it has 3 cells"),  # ODD is two lines long
        (f"{HEADER}\n{ROW}\n{ODD}\n{ROW}\n", "line 5: track_id 'TRA' stands in line 2 already"),
        (f"{HEADER}\n{_with(track_id=' ')}\n", "line 2: track_id is blank"),
        (f"{HEADER}\n{_with(title=QUOTED_BY_BACKSLASH)}\n", r'line 2: it is no CSV .*twice \(""\) and not as \\"'),
        (f"{HEADER}\n{ROW}\n".replace(",", ";"), "line 1: columns look separated by ';'"),
        (f"{HEADER}\n{ROW}\n".replace(",", "\t"), "line 1: columns look separated by a tab"),
        (f'"{HEADER}"\n{ROW}\n'.replace(",", '";"'), "line 1: columns look separated by ';'"),
        (f"{HEADER}\n{_with(title='Phönix')}\n".encode("latin-1"), "line 2: byte 7 is no UTF-8 .*iconv"),
        (gzip.compress(f"{HEADER}\n{ROW}\n".encode())[:-9], "cannot be read"),
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
