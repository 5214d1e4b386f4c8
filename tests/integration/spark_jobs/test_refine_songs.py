"""refine songs: full snapshots come and go, the table has one row per track."""

from datetime import date
from pathlib import Path
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


def test_same_snapshot_is_evaluated_again_only_for_other_rules_or_a_changed_table(lake, tmp_path: Path) -> None:
    both = (track(1), track(2))
    assert refine(lake, "2020-01-09", *both)["rule_outcomes"] == {"Passed": 9}
    head = lake.head("songs")

    again = refine(lake, "2020-01-10", *both)

    assert (again["rule_outcomes"], again["silver_rows"], again["is_changed"]) == ({}, 2, False)
    (tmp_path / "songs.dqdl").write_text('Rules = [ IsComplete "track_id" ]')
    assert lake.refine("songs", "2020-01-10", rules_uri=tmp_path)["rule_outcomes"] == {"Passed": 1}

    lake.rows("delete from SILVER.songs where track_id like '%0002'")
    assert lake.head("songs") != head
    assert lake.refine("songs", "2020-01-10", rules_uri=tmp_path)["is_changed"]
    assert [row[0] for row in catalogue(lake) if row[4] is None] == [1, 2]


def test_snapshot_with_quarantined_rows_is_evaluated_on_every_day(lake) -> None:
    tracks = [track(number) for number in range(1, 30)] + [track(30, duration=-1.0)]
    refine(lake, "2020-01-11", *tracks)

    assert refine(lake, "2020-01-12", *tracks)["quarantined_rows"] == 1
    days = lake.rows("select cast(ingest_on as string) from SILVER.quarantine_songs where window_from >= '2020-01-11'")
    assert sorted(days) == [("2020-01-11",), ("2020-01-12",)]


def test_quarantine_that_stays_empty_has_a_snapshot(lake) -> None:
    """Redshift may refuse to read a table that nothing was written to."""
    refine(lake, "2020-01-09", track(1))
    assert lake.head("quarantine_songs")
