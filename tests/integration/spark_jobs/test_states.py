"""States: what the tables were together when the last of them was published, and what keeps them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from spark_jobs.lake import states
from spark_jobs.lake.tables import Branch
from spark_jobs.problem import Problem
from spark_jobs.silver import CLOSING, TABLES
from spark_jobs.state_names import HALF_DONE, state_names
from tests.integration.spark_jobs.test_refine_sessions import seeded_lake, sold  # noqa: F401  the fixture

ALL = [name for table in ("users", "songs", "sessions") for name in (table, f"quarantine_{table}")]
DAY = "2020-03-01"


def known(lake, table: str = CLOSING) -> list[str]:  # type: ignore[no-untyped-def]
    """The states that a table has tags of, newest first."""
    return state_names(lake.tags(table))


def tagged(lake, state: str) -> dict[str, int]:  # type: ignore[no-untyped-def]
    """By table, the snapshot that the state's tag names."""
    found = {}
    for table in ALL:
        rows = lake.rows(f"select snapshot_id from SILVER.{table}.refs where name = '{state}'")
        if rows:
            found[table] = rows[0][0]
    return found


def sell(lake, day: str, run_id: str, *numbers: int) -> dict[str, Any]:  # type: ignore[no-untyped-def]
    lake.land("sessions", day, [sold(day, number) for number in numbers])
    return dict(lake.refine("sessions", day, run_id=run_id))


def test_run_closes_a_state_of_all_tables_and_the_same_again_closes_none(seeded_lake) -> None:  # noqa: F811
    first = sell(seeded_lake, DAY, "20200301t120000_aaaa", 1)
    assert first["lake_state"].endswith("_aaaa")
    assert known(seeded_lake)[0] == first["lake_state"]
    assert tagged(seeded_lake, first["lake_state"]) == {table: seeded_lake.head(table) for table in ALL}
    again = seeded_lake.refine("sessions", DAY, run_id="20200302t120000_bbbb")
    assert again["lake_state"] == first["lake_state"]
    assert known(seeded_lake)[0] == first["lake_state"]


def test_state_holds_one_run_while_a_later_run_has_published_its_users(seeded_lake) -> None:  # noqa: F811
    state = sell(seeded_lake, "2020-03-02", "20200302t120000_cccc", 2)["lake_state"]
    before = tagged(seeded_lake, state)
    location = ["46.32313", "-0.45877", "Niort", "FR", "Europe/Paris"]
    new = {"user_id": "0" * 36, "user_name": "New", "user_lastname": "Buyer", "user_location": location}
    seeded_lake.land("users", "2020-03-03", [{**new, "user_since": "2020-03-03T10:00:00"}], first=None)
    assert seeded_lake.refine("users", "2020-03-03", run_id="20200303t120000_dddd")["is_changed"]
    assert known(seeded_lake)[0] == state
    assert tagged(seeded_lake, state) == before
    assert seeded_lake.head("users") != before["users"]
    with pytest.raises(Problem, match=f"at no state: a run has published only some.*{state}"):
        states.require_state(seeded_lake.spark, TABLES)
    assert seeded_lake.refine("sessions", "2020-03-02", run_id="20200303t120000_dddd")[
        "lake_state"
    ] == states.require_state(seeded_lake.spark, TABLES)
    assert seeded_lake.rows(f"select count(*) from SILVER.users version as of '{state}'") == [(1,)]
    assert seeded_lake.rows("select count(*) from SILVER.users") == [(2,)]


def test_run_of_several_windows_is_one_state_in_the_end(seeded_lake) -> None:  # noqa: F811
    before = known(seeded_lake)
    run = "20200304t120000_eeee"
    closed = [sell(seeded_lake, day, run, 4)["lake_state"] for day in ("2020-03-04", "2020-03-05", "2020-03-06")]
    assert known(seeded_lake) == [closed[-1], *before]
    assert {table: known(seeded_lake, table) for table in ALL} == dict.fromkeys(ALL, known(seeded_lake))


def test_crash_between_two_tags_leaves_no_state_and_the_same_run_again_makes_one(
    seeded_lake,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = known(seeded_lake)

    def killed(found: dict[str, Any], act: Any) -> None:
        act(found["users"])
        act(found["songs"])
        raise KeyboardInterrupt

    monkeypatch.setattr(states, "_everywhere", killed)
    with pytest.raises(KeyboardInterrupt):
        sell(seeded_lake, "2020-03-07", "20200307t120000_ffff", 7)
    monkeypatch.undo()
    assert known(seeded_lake) == before
    assert len(known(seeded_lake, "users")) == len(before) + 1
    state = seeded_lake.refine("sessions", "2020-03-07", run_id="20200307t130000_ffff")["lake_state"]
    assert known(seeded_lake) == [state, *before]
    assert tagged(seeded_lake, state) == {table: seeded_lake.head(table) for table in ALL}


def test_maintenance_keeps_what_states_name_and_drops_old_ones(seeded_lake, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    before = known(seeded_lake)
    rows = {
        state: seeded_lake.rows(f"select count(*) from SILVER.sessions version as of '{state}'") for state in before
    }
    monkeypatch.setattr(states, "KEPT_STATES", 2)
    argv = {"run_id": "20200308t120000_9999"}
    done = maintain(
        seeded_lake, f"{datetime.now(UTC):%Y-%m-%d}", **argv
    )  # orphans of less than a day are nobody's to remove
    assert done.get("dropped_states") == len(before) - 2, done
    assert known(seeded_lake) == before[:2]
    assert {table: known(seeded_lake, table) for table in ALL} == dict.fromkeys(ALL, before[:2])
    for state in before[:2]:
        assert seeded_lake.rows(f"select count(*) from SILVER.sessions version as of '{state}'") == rows[state]


def test_rollback_meanwhile_is_not_undone_by_a_run_that_publishes(seeded_lake) -> None:  # noqa: F811
    """Main at an ancestor of the branch could be fast-forwarded: what was taken back would be there again."""
    sell(seeded_lake, "2020-03-09", "20200309t120000_7777", 9)
    branch = Branch(seeded_lake.spark, "sessions", "beside")
    branch.append(seeded_lake.spark.table("lake.deftunes_silver.sessions").limit(1))
    first = tagged(seeded_lake, known(seeded_lake)[1])["sessions"]
    newest = seeded_lake.head("sessions")
    go = "call lake.system.set_current_snapshot('deftunes_silver.sessions', {})"
    seeded_lake.spark.sql(go.format(first))
    with pytest.raises(Problem, match=f"snapshot {first}, expected {newest}"):
        branch.publish()
    assert seeded_lake.head("sessions") == first
    seeded_lake.spark.sql(go.format(newest))
    branch.drop()


@pytest.mark.parametrize("verb", ["refine", "maintain"])
def test_no_job_touches_silver_while_a_rollback_is_half_done(seeded_lake, verb: str) -> None:  # noqa: F811
    seeded_lake.spark.sql(f"alter table lake.deftunes_silver.{CLOSING} set tblproperties ('{HALF_DONE}'='state_x')")
    try:
        for table in ("users", "sessions"):
            done = (
                seeded_lake.refine(table, "2020-03-02")
                if verb == "refine"
                else maintain(seeded_lake, "2020-03-02", table)
            )
            assert "half done" in done["problem"]["what"]
            assert "make rollback TO=state_x" in done["problem"]["way_out"]
    finally:
        seeded_lake.spark.sql(f"alter table lake.deftunes_silver.{CLOSING} unset tblproperties ('{HALF_DONE}')")


def maintain(lake, day: str, table: str = CLOSING, **options: Any) -> dict[str, Any]:  # type: ignore[no-untyped-def]
    from spark_jobs import main

    argv = ["maintain", "--table", table, "--from", day, "--to", day, "--landing-uri", lake.landing_uri]
    for name, value in options.items():
        argv += [f"--{name.replace('_', '-')}", value]
    return main.run(argv, lambda: lake.spark)
