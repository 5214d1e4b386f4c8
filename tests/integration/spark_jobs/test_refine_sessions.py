"""refine sessions: a window is replaced behind its rules, and running it again changes nothing."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from spark_jobs.lake.tables import Branch

USER = "6b287203-7cab-4f1a-b1a4-2b5076294682"
TRACK = "TRXKAGX128F9342DD7"


def session_id(number: int) -> str:
    return f"04a5e8ac-1acd-48dc-88b9-{number:012d}"


def item(**changes: Any) -> dict[str, Any]:
    return {
        "song_id": TRACK, "song_name": "3 Cards", "artist_id": "AR475MP1187B9A5449", "artist_name": "The Balancing Act",
        "price": 1.03, "currency": "USD", "liked": False, "liked_since": None, **changes,
    }  # fmt: skip


def sold(day: str, number: int, *items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Session `number`, of `day`; one item unless given."""
    return {
        "session_id": session_id(number), "user_id": USER, "user_agent": "Opera",
        "session_start_time": f"{day}T23:59:59.999999", "session_items": list(items) or [item()], **changes,
    }  # fmt: skip


@pytest.fixture(scope="module")
def seeded_lake(lake):  # type: ignore[no-untyped-def]
    """The lake with the one user and the one track that all sessions here are about, and none of them yet."""
    location = ["46.32313", "-0.45877", "Niort", "FR", "Europe/Paris"]
    buyer = {"user_id": USER, "user_name": "Elizabeth", "user_lastname": "Carey", "user_location": location}
    lake.land("users", "2019-12-31", [{**buyer, "user_since": "2019-12-22T14:15:35"}])
    lake.land_songs("2019-12-31", [{"track_id": TRACK, "song_id": TRACK, "artist_id": TRACK, "duration": 1.0}])
    lake.land("sessions", "2019-12-31", [])
    for table, count in {"users": 1, "songs": 1, "sessions": 0}.items():
        assert lake.refine(table, "2019-12-31").get("silver_rows") == count
    return lake


def prices(seeded_lake, first: str, last: str) -> list[tuple[Any, ...]]:  # type: ignore[no-untyped-def]
    """What readers see of a window: session number, item number, price."""
    return seeded_lake.rows(
        "select cast(right(session_id, 12) as int), item_number, price from SILVER.sessions "
        f"where to_date(session_start_time) between '{first}' and '{last}' order by 1, 2"
    )


def test_repeated_pages_and_malformed_records_add_up_and_the_same_again_changes_nothing(seeded_lake) -> None:
    day = "2020-01-01"
    broken, empty = '{"session_id": "s9", "price": 1.0.3}', sold(day, 3, session_items=[])
    page = f"[{json.dumps(sold(day, 1, item(), item(price=1)))}, {broken}, {json.dumps(empty)}]"
    seeded_lake.land("sessions", day, page, [sold(day, 2)], [sold(day, 2)])

    summary = seeded_lake.refine("sessions", day, max_quarantine_share=0.5)

    figures = {"landed_records": 5, "duplicate_records": 1, "opened_rows": 5, "silver_rows": 3, "quarantined_rows": 2}
    assert {name: summary.get(name) for name in figures} == figures, summary
    assert summary["is_changed"]
    assert prices(seeded_lake, day, day) == [(1, 1, Decimal("1.03")), (1, 2, Decimal("1.00")), (2, 1, Decimal("1.03"))]
    why = "Expecting ',' delimiter at character 34: '.3}'"
    columns = "record_id, raw, reasons, cast(window_from as string), cast(ingest_on as string)"
    quarantined = seeded_lake.rows(f"select {columns} from SILVER.quarantine_sessions order by 3")
    assert quarantined == [
        ("", broken, f"the record cannot be read: {why}", day, day),
        (session_id(3), json.dumps(empty), "the session has no items", day, day),
    ]

    before = (seeded_lake.head("sessions"), seeded_lake.head("quarantine_sessions"))
    again = seeded_lake.refine("sessions", day, max_quarantine_share=0.5, run_id="r2")

    assert {name: again[name] for name in figures} == figures
    assert not again["is_changed"]
    assert (seeded_lake.head("sessions"), seeded_lake.head("quarantine_sessions")) == before
    assert seeded_lake.branches("sessions") == []


def test_overlapping_window_and_late_likes_update_rows_and_add_none(seeded_lake) -> None:
    first, last = "2020-01-03", "2020-01-04"
    seeded_lake.land("sessions", first, [sold(first, 1), sold(first, 2)])
    seeded_lake.land("sessions", last, [sold(last, 3)])
    seeded_lake.refine("sessions", first)
    seeded_lake.land(
        "sessions", first, [sold(first, 2), sold(first, 1, item(liked=True, liked_since="2023-01-27T08:29:54"))]
    )

    assert seeded_lake.refine("sessions", first, last)["is_changed"]

    one = Decimal("1.03")
    assert prices(seeded_lake, first, last) == [(1, 1, one), (2, 1, one), (3, 1, one)]
    assert seeded_lake.rows("select liked_since from SILVER.sessions where liked") == [
        (datetime(2023, 1, 27, 8, 29, 54),)
    ]


def test_row_that_a_rule_names_is_quarantined_and_the_rest_passes(seeded_lake) -> None:
    day = "2020-01-05"
    items = [item(price=9.99 if number == 7 else 1.03) for number in range(1, 41)]
    seeded_lake.land("sessions", day, [sold(day, 1, *items)])

    summary = seeded_lake.refine("sessions", day, run_id="named")

    assert (summary.get("silver_rows"), summary.get("quarantined_rows")) == (39, 1), summary
    assert 7 not in [number for _, number, _ in prices(seeded_lake, day, day)]
    assert seeded_lake.rows(f"select record_id, reasons from SILVER.quarantine_sessions where ingest_on = '{day}'") == [
        (f"{session_id(1)}#7", 'fails ColumnValues "price" <= 2')
    ]
    assert seeded_lake.rows(
        "select rule from OPS.rule_outcomes where run_id = 'named' and outcome = 'Quarantined'"
    ) == [('ColumnValues "price" <= 2',)]


def test_too_many_rows_to_quarantine_halt_the_run(seeded_lake) -> None:
    day = "2020-01-06"
    seeded_lake.land("sessions", day, [sold(day, 1, item(), item(), item())])
    seeded_lake.refine("sessions", day)
    before = (seeded_lake.head("sessions"), prices(seeded_lake, day, day))
    seeded_lake.land("sessions", day, [sold(day, 1, item(), item(price="dear"), item(price=9.99))])

    refused_day = seeded_lake.refine("sessions", day, max_quarantine_share=0.3)["problem"]
    halted = seeded_lake.refine("sessions", day, max_quarantine_share=0.4)["problem"]

    assert refused_day["what"] == "Too many rows of sessions would be quarantined: 1 of 3"
    assert refused_day["value"] == "price is no number (1 rows)"
    assert halted["what"] == "Too many rows of sessions would be quarantined: 2 of 3"
    assert "raise MAX_QUARANTINE_SHARE (now 0.4)" in halted["way_out"]
    assert (seeded_lake.head("sessions"), prices(seeded_lake, day, day)) == before


def test_rule_that_names_no_row_halts_and_the_next_good_run_repairs(seeded_lake) -> None:
    day, rule = "2020-01-07", 'ReferentialIntegrity "user_id" "users.user_id" >= 0.95'
    before = seeded_lake.head("sessions")
    seeded_lake.land("sessions", day, [sold(day, 1), sold(day, 2, user_id=session_id(9))])

    problem = seeded_lake.refine("sessions", day, run_id="strangers")["problem"]

    assert (problem["what"], problem["where"].split(": ")[1]) == ("1 of the rules of sessions failed", rule)
    assert "0.5" in problem["value"]
    (branch,) = seeded_lake.rows("select snapshot_id from SILVER.sessions.refs where name = 'audit_strangers'")
    assert problem["way_out"].endswith(f'sessions at (version => {branch[0]})"')
    assert seeded_lake.head("sessions") == before
    assert seeded_lake.rows(
        "select outcome, metrics from OPS.rule_outcomes where run_id = 'strangers' and rule like 'Ref%user%'"
    ) == [("Failed", '{"Column.users.ReferentialIntegrity": 0.5}')]
    assert seeded_lake.rows(
        "select outcome, silver_rows, detail is not null from OPS.runs where run_id = 'strangers'"
    ) == [("failed", None, True)]

    seeded_lake.land("sessions", day, [sold(day, 1)])
    assert seeded_lake.refine("sessions", day)["silver_rows"] == 1
    assert seeded_lake.branches("sessions") == []


def test_crash_between_branch_and_publish_leaves_main_and_a_rerun_repairs(seeded_lake, monkeypatch) -> None:
    day = "2020-01-08"
    seeded_lake.land("sessions", day, [sold(day, 1)])
    before = seeded_lake.head("sessions")
    with monkeypatch.context() as crash:
        crash.setattr(Branch, "publish", lambda branch: (_ for _ in ()).throw(OSError("power cut")))
        assert "power cut" in seeded_lake.refine("sessions", day)["problem"]["value"]
    assert (seeded_lake.head("sessions"), prices(seeded_lake, day, day)) == (before, [])

    assert seeded_lake.refine("sessions", day)["is_changed"]
    assert prices(seeded_lake, day, day) == [(1, 1, Decimal("1.03"))]
    assert seeded_lake.branches("sessions") == []


def test_day_that_is_empty_now_loses_its_rows_and_a_drifted_schema_keeps_them(seeded_lake) -> None:
    day, next_day = "2020-01-09", "2020-01-10"
    drifted = sold(next_day, 2, item(price="1.03", new=[1]), seeded_lake={"city": "Niort"})
    del drifted["user_agent"]
    seeded_lake.land("sessions", day, [sold(day, 1)])
    seeded_lake.land("sessions", next_day, [drifted])
    seeded_lake.refine("sessions", day, next_day)
    seeded_lake.land("sessions", day, [])

    summary = seeded_lake.refine("sessions", day)

    assert (summary.get("silver_rows"), summary.get("is_changed")) == (0, True), summary
    assert prices(seeded_lake, day, next_day) == [(2, 1, Decimal("1.03"))]


def test_day_that_was_not_landed_is_named(seeded_lake) -> None:
    seeded_lake.land("sessions", "2020-01-11", [])

    problem = seeded_lake.refine("sessions", "2020-01-11", "2020-01-12")["problem"]

    assert problem["what"] == "sessions of 2020-01-12 was not landed"


def test_run_log_has_the_figures_of_a_run(seeded_lake) -> None:
    day = "2020-01-13"
    seeded_lake.land("sessions", day, [sold(day, 1), sold(day, 2)])
    seeded_lake.refine("sessions", day, run_id="logged")

    (run,) = seeded_lake.rows(
        "select verb, table_name, cast(window_from as string), outcome, landed_records, duplicate_records, opened_rows,"
        " silver_rows, quarantined_rows, is_changed, snapshot_id, started_at < finished_at, detail"
        " from OPS.runs where run_id = 'logged'"
    )

    assert run == ("refine", "sessions", day, "passed", 2, 0, 2, 2, 0, True, seeded_lake.head("sessions"), True, None)
    outcomes = seeded_lake.rows("select distinct outcome from OPS.rule_outcomes where run_id = 'logged'")
    assert outcomes == [("Passed",)]


@pytest.mark.parametrize("is_refined", [True, False])
def test_rules_that_compare_wait_for_what_they_compare_with(seeded_lake, is_refined: bool) -> None:  # type: ignore[no-untyped-def]
    day, buyer = f"2020-01-1{5 + is_refined}", session_id(900 + is_refined)
    location = ["46.32313", "-0.45877", "Niort", "FR", "Europe/Paris"]
    user = {"user_id": buyer, "user_name": "Ann", "user_lastname": "Lee", "user_location": location}
    seeded_lake.land("users", day, [{**user, "user_since": f"{day}T14:15:35"}])
    seeded_lake.land("sessions", day, [sold(day, 1, user_id=buyer)])
    before, branches = seeded_lake.head("sessions"), []

    def refined() -> bool:
        branches.extend(seeded_lake.branches("sessions"))
        return is_refined and "problem" not in seeded_lake.refine("users", day)

    summary = seeded_lake.refine("sessions", day, references=refined, run_id="waits")

    assert "audit_waits" in branches
    if is_refined:
        assert summary["rule_outcomes"] == {"Passed": 16}
        assert len(prices(seeded_lake, day, day)) == 1
    else:
        assert summary["problem"]["what"].startswith("Not all rules of sessions were evaluated")
        assert seeded_lake.head("sessions") == before


@pytest.mark.parametrize(
    "change",
    [
        "alter table SILVER.sessions alter column user_agent first",
        "alter table OPS.runs alter column detail first",
        "alter table OPS.rule_outcomes alter column evaluated_at first",
    ],
)
def test_table_with_columns_in_another_order_is_no_news(seeded_lake, change: str) -> None:  # type: ignore[no-untyped-def]
    day = "2020-01-20"
    seeded_lake.land("sessions", day, [sold(day, 1), sold(day, 2)])
    seeded_lake.refine("sessions", day)
    seeded_lake.rows(change)

    again = seeded_lake.refine("sessions", day, run_id="reordered")

    assert again.get("is_changed") is False, again
    assert seeded_lake.rows("select distinct table_name, outcome from OPS.runs where run_id = 'reordered'") == [
        ("sessions", "passed")
    ]
    assert seeded_lake.rows("select distinct outcome, reason from OPS.rule_outcomes where run_id = 'reordered'") == [
        ("Passed", "")
    ]
