"""The job that builds gold on Glue: what it covers, when it builds again, and what an end half way leaves."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from deftunes.redshift.job import TRIES, build_and_publish
from deftunes.redshift.silver import GlueSilver
from spark_jobs.problem import Problem

DAY = date(2020, 1, 3), date(2020, 1, 3)
SINCE = date(2020, 1, 1), date(2020, 1, 3)


class Lake:
    """Silver whose tables move as often as `moves` says: once a question about their state."""

    def __init__(self, moves: int = 0) -> None:
        self.moves, self.version, self.marked = moves, 0, list[int]()

    def state(self) -> Mapping[str, str]:
        if self.moves and self.version:
            self.moves -= 1
            self.version += 1
        self.version = self.version or 1
        return {"sessions": f"v{self.version}", "users": "v1"}

    def snapshot_id(self) -> int:
        return self.version

    def days_to_build(self, window: Any) -> Any:
        assert window == DAY
        return SINCE

    def mark_built(self, snapshot_id: int) -> None:
        self.marked.append(snapshot_id)


class Acts:
    """Notes what was done, and fails where it is told to."""

    def __init__(self, failing: str = "") -> None:
        self.failing, self.done = failing, list[tuple[str, Any]]()

    def __call__(self, act: str, days: Any) -> dict[str, Any]:
        if act == self.failing:
            raise Problem(f"{act} failed", "here", "1", "mend it")
        self.done.append((act, days))
        return {act: len(self.done)}


def test_build_covers_what_was_refined_and_not_built_and_is_published() -> None:
    lake, acts = Lake(), Acts()
    assert build_and_publish(lake, DAY, acts)["tries"] == 1
    assert acts.done == [("build", SINCE), ("publish", SINCE)]
    assert lake.marked == [1]


def test_silver_that_moved_during_a_build_is_built_again() -> None:
    lake, acts = Lake(moves=1), Acts()
    assert build_and_publish(lake, DAY, acts)["tries"] == 2
    assert [act for act, _ in acts.done] == ["build", "build", "publish"]
    assert lake.marked == [2]


def test_silver_that_never_rests_is_not_published() -> None:
    lake, acts = Lake(moves=2 * TRIES), Acts()
    with pytest.raises(Problem, match="Silver changed during each of 3 builds") as refused:
        build_and_publish(lake, DAY, acts)
    assert refused.value.value == "sessions"
    assert [act for act, _ in acts.done] == ["build"] * TRIES
    assert lake.marked == []


@pytest.mark.parametrize("failing", ["build", "publish"])
def test_what_was_not_published_is_not_marked(failing: str) -> None:
    lake = Lake()
    with pytest.raises(Problem, match=f"{failing} failed"):
        build_and_publish(lake, DAY, Acts(failing))
    assert lake.marked == []


class Sessions:
    """The references and snapshots that Spark would read."""

    def __init__(self, **references: int) -> None:
        self._references, self.marked = references, list[int]()

    def references(self) -> dict[str, int]:
        return self._references

    def snapshots(self) -> list[tuple[int, int | None, str, str | None]]:
        return [(1, None, "append", "2020-01-01/2020-01-01"), (2, 1, "append", "2020-01-02/2020-01-02")]

    def mark(self, snapshot_id: int) -> None:
        self.marked.append(snapshot_id)


@pytest.mark.parametrize(
    ("references", "days"),
    [
        ({"main": 2, "gold": 1}, (date(2020, 1, 2), date(2020, 1, 3))),
        ({"main": 2, "gold": 2}, DAY),
        ({"main": 2}, None),
    ],
)
def test_days_are_those_since_the_tag(references: dict[str, int], days: Any) -> None:
    silver = GlueSilver(None, Sessions(**references))
    assert silver.snapshot_id() == 2
    assert silver.days_to_build(DAY) == days


def test_tag_that_stands_right_is_not_written_again() -> None:
    for built, marked in ((2, []), (1, [2])):
        sessions = Sessions(main=2, gold=built)
        silver = GlueSilver(None, sessions)
        silver.snapshot_id()
        silver.mark_built(2)
        assert sessions.marked == marked


class Glue:
    """Glue's catalog, a table a page."""

    def get_paginator(self, name: str) -> "Glue":
        assert name == "get_tables"
        return self

    def paginate(self, DatabaseName: str) -> list[dict[str, Any]]:  # noqa: N803  Amazon's name
        assert DatabaseName == "deftunes_silver"
        tables = [{"Name": "users", "Parameters": {"metadata_location": "s3://b/1.json"}}, {"Name": "songs"}]
        return [{"TableList": [table]} for table in tables]


def test_state_is_where_each_table_has_its_newest_metadata() -> None:
    assert GlueSilver(Glue(), Sessions()).state() == {"users": "s3://b/1.json", "songs": ""}
