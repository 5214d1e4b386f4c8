"""refine songs: full snapshots come and go, the table has one row per track."""

from datetime import date
from typing import Any


def track(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "track_id": f"TRMBFJC12903CE{number:04d}", "title": f"Song {number}", "song_id": "SOGOPFY12AB018E5B1",
        "artist_id": "ARP06GY1187B98B0F0", "artist_mbid": "", "duration": 146.5, "year": 0, "shs_perf": -1,
        "shs_work": 0, **changes,
    }  # fmt: skip


def catalogue(lake) -> list[tuple[Any, ...]]:  # type: ignore[no-untyped-def]
    """What readers see: number, title, year, day delivered, day vanished."""
    return lake.rows(
        "select cast(right(track_id, 4) as int), title, year, ingest_on, vanished_on from SILVER.songs order by 1"
    )


def refine(lake, day: str, *tracks: dict[str, Any]) -> dict[str, Any]:  # type: ignore[no-untyped-def]
    lake.land_songs(day, tracks)
    summary = lake.refine("songs", day)
    assert "problem" not in summary, summary
    return summary


def test_snapshots_of_three_days_leave_one_row_a_track(lake) -> None:
    first, second, third, fourth = (date(2020, 1, day) for day in (1, 2, 3, 4))
    both = (track(1), track(2))

    assert refine(lake, "2020-01-01", *both)["is_changed"]
    head = lake.head("songs")
    assert [refine(lake, day, *both)["is_changed"] for day in ("2020-01-01", "2020-01-02")] == [False, False]
    assert lake.head("songs") == head
    assert catalogue(lake) == [(1, "Song 1", None, first, None), (2, "Song 2", None, first, None)]

    changed = refine(lake, "2020-01-02", track(1, year=2001), track(3))
    assert (changed["is_changed"], changed["silver_rows"]) == (True, 2)
    assert catalogue(lake) == [
        (1, "Song 1", 2001, second, None),
        (2, "Song 2", None, first, second),
        (3, "Song 3", None, second, None),
    ]

    assert not refine(lake, "2020-01-03", track(1, year=2001), track(3))["is_changed"]
    refine(lake, "2020-01-04", track(1, year=2001), track(2), track(3))
    assert catalogue(lake)[1] == (2, "Song 2", None, fourth, None)
    assert third not in {row[3] for row in catalogue(lake)}


def test_value_that_moves_to_the_next_column_is_a_change(lake) -> None:
    refine(lake, "2020-01-05", track(1, artist_mbid="Moved", artist_name=None))

    assert refine(lake, "2020-01-06", track(1, artist_mbid="", artist_name="Moved"))["is_changed"]


def test_track_that_a_rule_names_keeps_its_last_good_state(lake) -> None:
    tracks = [track(number) for number in range(1, 31)]
    refine(lake, "2020-01-07", *tracks)
    tracks[0] = track(1, duration=-1.0, title="spoiled")

    summary = refine(lake, "2020-01-08", *tracks)

    assert (summary["silver_rows"], summary["quarantined_rows"]) == (29, 1)
    assert catalogue(lake)[0][1:3] == ("Song 1", None)
    ((record, raw, reasons),) = lake.rows("select record_id, raw, reasons from SILVER.quarantine_songs")
    assert (record, reasons) == ("TRMBFJC12903CE0001", 'fails ColumnValues "duration" > 0')
    assert '"title":"spoiled"' in raw
