"""Which answers a fault strikes, and what it makes of their records."""

import copy
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from mock_api.faults import Fault, Faults
from mock_api.malformed_records import apply_fault

Record = dict[str, Any]
DAY = date(2020, 2, 7)


def _fault(**fields: Any) -> Fault:
    return Fault.model_validate(fields)


def _session(day: str, items: int) -> Record:
    item = {"song_id": "TRA", "price": 1.0, "liked": False, "liked_since": None}
    start = f"{day}T10:00:00.000000"
    return {
        "session_id": f"session of {day}",
        "session_items": [dict(item) for _ in range(items)],
        "user_agent": "Browser/1.0",
        "session_start_time": start,
    }


def _apply_fault(fault: Fault, *records: Record) -> list[Record]:
    given = list(records)
    before = copy.deepcopy(given)
    made = apply_fault(fault, given, "session_start_time")
    assert given == before
    return made


def _strikes(faults: Faults, path: str = "/sessions", day: date = DAY) -> list[str]:
    return [fault.kind for fault in faults.strikes(path, day, day)]


def test_fault_strikes_its_path_and_day_when_they_are_requested() -> None:
    faults = Faults()
    faults.replace([_fault(kind="html", path="/users"), _fault(kind="slow", day="2020-02-07")])
    assert _strikes(faults) == ["slow"]
    assert _strikes(faults, day=date(2020, 2, 8)) == []
    assert _strikes(faults, path="/users") == ["html"]
    assert [fault.kind for fault in faults.strikes("/sessions", date(2020, 1, 1), date(2020, 3, 1))] == ["slow"]


def test_fault_strikes_so_many_times_after_so_many_answers() -> None:
    faults = Faults()
    faults.replace([_fault(kind="cut", after=1, times=2)])
    assert [_strikes(faults) for _ in range(5)] == [[], ["cut"], ["cut"], [], []]
    faults.replace([_fault(kind="cut", times=1)])
    assert [_strikes(faults) for _ in range(2)] == [["cut"], []]


def test_later_fault_is_kept_when_an_earlier_one_leaves_no_rows() -> None:
    faults = Faults()
    faults.replace([_fault(kind="status", times=1), _fault(kind="cut", times=1)])
    assert [_strikes(faults) for _ in range(3)] == [["status"], ["cut"], []]


@pytest.mark.parametrize(
    "fields",
    [{"kind": "nonsense"}, {"kind": "cut", "share": 2}, {"kind": "cut", "shares": 1}, {"kind": "cut", "day": "today"}],
)
def test_fault_is_refused_when_it_is_none(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _fault(**fields)


def test_rows_of_the_day_alone_go_when_it_is_emptied() -> None:
    kept, gone = _session("2020-02-08", 1), _session("2020-02-07", 1)
    assert _apply_fault(_fault(kind="empty", day="2020-02-07"), gone, kept) == [kept]
    assert _apply_fault(_fault(kind="empty"), gone, kept) == []


def test_one_session_grows_when_it_is_made_huge() -> None:
    made = _apply_fault(_fault(kind="huge_session", items=50_000), _session("2020-02-07", 0), _session("2020-02-07", 3))
    assert [len(record["session_items"]) for record in made] == [0, 50_000]


def test_one_text_grows_when_it_is_made_huge() -> None:
    made = _apply_fault(_fault(kind="huge_string", size=1000), _session("2020-02-07", 1), _session("2020-02-07", 1))
    assert [len(record["user_agent"]) for record in made] == [1000, 11]
    user = {"user_id": "u", "user_name": "Ann"}
    assert apply_fault(_fault(kind="huge_string", size=10), [user], "user_since")[0]["user_name"] == "x" * 10


def test_field_changes_when_the_schema_does() -> None:
    session = _session("2020-02-07", 1)
    dropped = _apply_fault(_fault(kind="schema", change="drop", field="price"), session)[0]["session_items"][0]
    assert list(dropped) == ["song_id", "liked", "liked_since"]
    retyped = _apply_fault(_fault(kind="schema", change="retype", field="price"), session)[0]["session_items"][0]
    assert retyped == session["session_items"][0] | {"price": "1.0"}
    assert _apply_fault(_fault(kind="schema", change="retype", field="user_agent"), session) == [
        session | {"user_agent": {"value": "Browser/1.0"}}
    ]
    assert _apply_fault(_fault(kind="schema", change="add", field="shop"), session) == [session | {"shop": "new"}]
    added = _apply_fault(_fault(kind="schema", change="add", field="session_items.shop"), session)
    assert added[0]["session_items"] == [session["session_items"][0] | {"shop": "new"}]
    assert apply_fault(_fault(kind="schema", field="price"), [{"user_id": "u"}], "user_since") == [{"user_id": "u"}]


def test_share_of_items_changes_price_and_the_same_ones_again() -> None:
    made = _apply_fault(_fault(kind="bad_price", share=0.25, price=-1), _session("2020-02-07", 400))
    bad = [number for number, item in enumerate(made[0]["session_items"]) if item["price"] == -1]
    assert 60 < len(bad) < 140
    assert _apply_fault(_fault(kind="bad_price", share=0.25, price=-1), _session("2020-02-07", 400)) == made


def test_like_turns_round_when_its_state_is_a_later_one() -> None:
    session = _session("2020-02-29", 2)
    session["session_items"][1] |= {"liked": True, "liked_since": "2020-03-05T00:00:00.000000"}
    first, second = _apply_fault(_fault(kind="likes", share=1), session)[0]["session_items"]
    assert (first["liked"], first["liked_since"]) == (True, "2020-03-01T10:00:00.000000")
    assert (second["liked"], second["liked_since"]) == (False, None)
