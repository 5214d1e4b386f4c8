"""A table of the API that a fork adds: few files, none of them edited, and it goes through all layers."""

import json
from datetime import datetime
from typing import Any

import pytest

from tests.checkout import PROJECT, Checkout
from tests.layers import landed_records
from tests.new_table import WRITTEN, checkout_with_playlists, recipe_files

RUN = ("run", "--from", "2020-02-01", "--to", "2020-02-10", "--seed", "7", "--scale", "0.05", "--json")


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A checkout with playlists; its services are stopped in the end."""
    at = checkout_with_playlists(tmp_path_factory.mktemp("fork") / "fork")
    yield at
    at.deftunes("down")


def run(at: Checkout) -> dict[str, Any]:
    done = at.deftunes(*RUN, timeout_s=1800)
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def values(at: Checkout, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in at.query(sql)]


def test_table_is_at_most_twelve_new_files_and_five_edited_ones() -> None:
    files = recipe_files()
    edited = [path for path in (*files, WRITTEN) if (PROJECT / path).exists()]
    assert len({*files} - {*edited}) <= 12
    assert len(edited) <= 5


def test_table_goes_through_all_layers(at: Checkout) -> None:
    done = run(at)

    steps = {step["step"]: step for window in done["steps"] for step in window}
    assert {"land playlists", "refine playlists"} <= set(steps)
    assert {step["state"] for step in steps.values()} == {"passed"}
    assert set(steps["refine playlists"]["rule_outcomes"]) == {"Passed"}

    landed = landed_records(at.root, "playlists")
    expected = [
        (record["playlist_id"], number, record["user_id"], track, record["name"])
        for record in landed
        for number, track in enumerate(record["tracks"], 1)
    ]
    empty = [record for record in landed if not record["tracks"]]
    assert len(landed) > len(empty) >= 1
    silver = "select playlist_id, track_number, user_id, track_id, playlist_name from lake.deftunes_silver.playlists"
    assert sorted(values(at, silver)) == sorted(expected)
    gold = values(at, "select playlist_id, created_at, tracks from gold.dim_playlists")
    assert sorted((row[0], datetime.fromisoformat(row[1]), row[2]) for row in gold) == sorted(
        (record["playlist_id"], datetime.fromisoformat(record["created_at"]), len(record["tracks"]))
        for record in landed
        if record["tracks"]
    )
    bi = "select cast(sum(playlists) as int), cast(sum(tracks) as int) from bi.playlists_per_country_vw"
    assert values(at, bi) == [(len(landed) - len(empty), len(expected))]
    totals = {(row["layer"], row["table_name"]): row["rows"] for row in done["totals"]}
    assert totals["silver", "playlists"] == len(expected)
    assert totals["quarantine", "playlists"] == len(empty)
    reasons = (
        "select reason, cast(sum(row_count) as int) from bi.quarantine_vw where table_name = 'playlists' group by 1"
    )
    assert values(at, reasons) == [("the playlist has no tracks", len(empty))]
    assert totals["silver", "sessions"] == totals["gold", "fact_session"]


def test_same_window_again_changes_nothing(at: Checkout) -> None:
    steps = {step["step"]: step for window in run(at)["steps"] for step in window}

    assert (steps["land playlists"]["is_changed"], steps["refine playlists"]["is_changed"]) == (False, False)


def test_status_shows_the_table(at: Checkout) -> None:
    status = json.loads(at.deftunes("status", "--json").stdout)

    assert "playlists" in {row["table"] for row in status["tables"]}
