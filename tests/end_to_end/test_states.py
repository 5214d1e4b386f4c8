"""States of a whole lake: gold is of one of them whatever is published meanwhile, and the way back is complete."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from pyiceberg.types import StringType

from deftunes.lake.catalog import open_catalog
from deftunes.run.rollback import roll_back_all
from deftunes.run.steps import steps_of
from deftunes.states.diff import diff
from deftunes.states.history import history
from deftunes.states.silver import SilverTables
from spark_jobs.window import Window
from tests.end_to_end.conftest import Lake
from tests.layers import ask, layers

MARCH_1, MARCH_2 = (Window(date(2020, 3, day), date(2020, 3, day)) for day in (1, 2))


def silver(lake: Lake) -> SilverTables:
    return SilverTables(open_catalog(lake.line.ends.target))


def test_rollback_and_the_way_forward_give_equal_tables_gold_and_served_file(lakes: Callable[[str], Lake]) -> None:
    lake = lakes("lake")
    after = {}
    for number, window in enumerate(("2020-03-01", "2020-03-02")):
        _run(lake, window, f"ab1{number}")
        after[silver(lake).newest().name] = layers(lake.root)
    first, second = after
    assert after[first] != after[second]

    done = roll_back_all(lake.line, first, lambda progress: None)
    assert layers(lake.root) == after[first]
    assert done["was_at"] == second
    assert done["days_taken_back"] == (MARCH_2.first, MARCH_2.last)

    again = roll_back_all(lake.line, done["was_at"], lambda progress: None)
    assert layers(lake.root) == after[second]
    states = history(open_catalog(lake.line.ends.target))
    assert [state["state"] for state in states] == [again["state"], done["state"], second, first]
    assert [state["made_by"] for state in states] == ["rollback", "rollback", "run", "run"]
    assert [(state["is_current"], state["is_gold"]) for state in states] == [(True, True), *[(False, False)] * 3]
    assert [state["window_to"] for state in states] == [date(2020, 3, 2), date(2020, 3, 1)] * 2
    assert states[3]["rules"]["passed"] > 0

    _assert_what_was_taken_back_comes_again(lake, first, after[second])
    _assert_states_are_read_in_the_columns_of_today(lake, first, second)


def _assert_what_was_taken_back_comes_again(lake: Lake, first: str, expected: dict[str, list[str]]) -> None:
    roll_back_all(lake.line, first, lambda progress: None)
    _run(lake, "2020-03-02", "ab12")
    assert layers(lake.root) == expected


def _assert_states_are_read_in_the_columns_of_today(lake: Lake, first: str, second: str) -> None:
    """A column that came since is null in an older state; gold and diff read it all the same."""
    users = open_catalog(lake.line.ends.target).load_table("deftunes_silver.users")
    with users.update_schema() as change:
        change.add_column("nickname", StringType())
    lake.line.build(MARCH_1)
    found = diff(lake.line.ends.target, lake.root, first, second)
    assert found["tables"]["users"]["changed"] == 0
    assert found["tables"]["sessions"]["removed"] == 0
    assert [day["day"] for day in found["tables"]["sessions"]["by_day"]] == [date(2020, 3, 2)]
    sold = ask(lake.root, "select count(*), sum(price) from gold.fact_session")
    assert [(month["gold_items"], month["gold_sales"]) for month in found["sales"]] == sold
    assert found["sales"][0]["later_sales"] == sold[0][1]


def test_gold_is_of_one_state_while_a_later_run_has_published_its_users(lakes: Callable[[str], Lake]) -> None:
    lake = lakes("lake")
    lake.run("2020-03-01", "2020-03-01")
    before = _people(lake.root)
    lake.line.run_window(MARCH_2, lambda progress: None, steps_of("users"))
    assert ask(lake.root, "select count(*) from lake.deftunes_silver.users") > [(before - 1,)]
    lake.line.build(MARCH_1)
    lake.line.publish()
    assert _people(lake.root) == before
    lake.run("2020-03-02", "2020-03-02")
    assert _people(lake.root) > before


def _run(lake: Lake, day: str, ending: str) -> None:
    """As a run of its own: the windows of one run are one state."""
    lake.line.run_id = f"{datetime.now(UTC):%Y%m%dt%H%M%S}_{ending}"
    lake.run(day, day)


def _people(root: Path) -> int:
    """Members of gold's users; the unknown one is among them."""
    [(count,)] = ask(root, "select count(*) from gold.dim_users")
    return int(count)
