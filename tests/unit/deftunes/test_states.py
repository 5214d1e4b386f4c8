"""States of a lake, in a catalog of its own: which count, what gold is pinned to, and the way back and forth again."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.table import Table
from pyiceberg.types import StringType

from deftunes.states import rollback
from deftunes.states.diff import LoadedSides
from deftunes.states.rollback import roll_back
from deftunes.states.silver import SilverTables, State
from spark_jobs.problem import Problem
from spark_jobs.silver import CLOSING
from spark_jobs.state_names import HALF_DONE, of_same_run, state_name, state_names

pytestmark = pytest.mark.slow

NAMES = ("songs", "quarantine_songs", "users", "quarantine_users", "sessions", "quarantine_sessions")
FIRST, SECOND, THIRD = (f"state_2020010{day}t120000_ab1{day}" for day in (1, 2, 3))


class Lake:
    """Silver tables of one column; each version of a row says when it was written."""

    def __init__(self, folder: Path) -> None:
        self.catalog = SqlCatalog("lake", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}/warehouse")
        self.catalog.create_namespace("deftunes_silver")
        for name in NAMES:
            self.catalog.create_table(f"deftunes_silver.{name}", pa.schema([("id", pa.string())]))

    def table(self, name: str) -> Table:
        return self.catalog.load_table(f"deftunes_silver.{name}")

    def write(self, name: str, *ids: str, days: str = "") -> None:
        """The rows of the table are these and no others."""
        rows = pa.table({"id": pa.array(ids, pa.string())})
        properties = {"deftunes.window": days} if days else {}
        table = self.table(name)
        write = table.overwrite if table.current_snapshot() else table.append
        write(rows, snapshot_properties=properties)

    def close(self, name: str, *tables: str) -> None:
        """A state as a run makes it: the tag on all tables, or on those named, CLOSING last."""
        for table in tables or NAMES:
            loaded = self.table(table)
            snapshot = loaded.current_snapshot()
            assert snapshot is not None
            with loaded.manage_snapshots() as change:
                change.create_tag(snapshot.snapshot_id, name)

    def rows(self) -> dict[str, list[str]]:
        return {name: sorted(self.table(name).scan().to_arrow()["id"].to_pylist()) for name in NAMES}

    def silver(self) -> SilverTables:
        return SilverTables(self.catalog)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """Two states: in the second, every table has another row."""
    lake = Lake(tmp_path)
    for state, day in ((FIRST, "01"), (SECOND, "02")):
        for name in NAMES:
            lake.write(name, f"{name} of {day}", days=f"2020-01-{day}/2020-01-{day}" if name == CLOSING else "")
        lake.close(state)
    yield lake
    lake.catalog.close()


def test_newest_state_holds_one_run_while_a_later_run_has_published_some_tables(lake: Lake) -> None:
    second = lake.silver().newest()
    lake.write("users", "users of a later run")
    lake.close(THIRD, "users", "songs")  # a crash before CLOSING: no state counts it
    silver = lake.silver()
    assert [state.name for state in silver.states()] == [SECOND, FIRST]
    assert silver.newest() == second
    assert silver.main().name == ""
    assert silver.main().snapshots["users"] != second.snapshots["users"]


def test_lake_without_states_is_what_main_holds(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert lake.silver().newest() == State("", {})
    lake.write("users", "one")
    assert lake.silver().newest() == lake.silver().main() == State("", {"users": head(lake, "users")})
    assert lake.silver().days_to_build(lake.silver().newest(), DAY) is None
    lake.catalog.close()


def test_rollback_takes_all_tables_back_and_forth_again(lake: Lake) -> None:
    before = lake.rows()
    made = roll_back(lake.silver(), lake.silver().find(FIRST))
    assert lake.rows() == {name: [f"{name} of 01"] for name in NAMES}
    assert made.is_rollback
    assert lake.silver().newest() == made == lake.silver().main()
    back = roll_back(lake.silver(), lake.silver().find(SECOND))
    assert lake.rows() == before
    assert [state.name for state in lake.silver().states()] == [back.name, made.name, SECOND, FIRST]
    assert lake.silver().half_done() is None


def test_rollback_keeps_what_was_there_when_no_state_did(lake: Lake) -> None:
    lake.write("users", "published by a run that failed later")
    before = lake.rows()
    roll_back(lake.silver(), lake.silver().find(FIRST))
    made, kept, *earlier = lake.silver().states()
    assert (made.is_rollback, kept.is_rollback) == (True, False)
    assert [state.name for state in earlier] == [SECOND, FIRST]
    roll_back(lake.silver(), lake.silver().find(kept.name))
    assert lake.rows() == before


def test_rollback_to_where_the_lake_is_writes_nothing(lake: Lake) -> None:
    heads = {name: lake.table(name).metadata_location for name in NAMES}
    assert roll_back(lake.silver(), lake.silver().find("latest")).name == SECOND
    assert {name: lake.table(name).metadata_location for name in NAMES} == heads


@pytest.mark.parametrize("commits", range(8))
def test_rollback_that_is_killed_anywhere_is_finished_by_the_same_command(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, commits: int
) -> None:
    """Eight commits with the one that keeps main; the last is CLOSING's, and after it nothing is left to do."""
    done = 0

    def killed(act: Any) -> Any:
        def acting(*arguments: Any) -> Any:
            nonlocal done
            if done == commits:
                raise KeyboardInterrupt
            done += 1
            return act(*arguments)

        return acting

    lake.write("users", "of no state")
    for name in ("_keep", "_begin", "_go_back"):
        monkeypatch.setattr(rollback, name, killed(getattr(rollback, name)))
    with pytest.raises(KeyboardInterrupt):
        roll_back(lake.silver(), lake.silver().find(FIRST))
    monkeypatch.undo()
    silver = lake.silver()
    if commits >= 2:  # CLOSING says so: nobody builds of a mixture
        with pytest.raises(Problem, match="half done.*make rollback TO=" + FIRST):
            silver.require_whole()
    assert silver.newest().name != silver.states()[-1].name
    made = roll_back(silver, silver.find(FIRST))
    assert lake.rows() == {name: [f"{name} of 01"] for name in NAMES}
    lake.silver().require_whole()
    assert lake.silver().newest() == made
    assert HALF_DONE not in lake.table(CLOSING).properties
    kept = lake.silver().states()[1]
    roll_back(lake.silver(), kept)
    assert lake.rows()["users"] == ["of no state"]


def test_rollback_beside_another_program_says_what_to_do(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise CommitFailedException("branch main has changed")

    monkeypatch.setattr(rollback, "_go_back", refused)
    with pytest.raises(Problem, match=f"Another program changed a table.*make rollback TO={FIRST}"):
        roll_back(lake.silver(), lake.silver().find(FIRST))


def test_rollback_leaves_a_table_that_the_state_does_not_have(lake: Lake, tmp_path: Path) -> None:
    with lake.table("songs").manage_snapshots() as change:
        change.remove_tag(FIRST)
    made = roll_back(lake.silver(), lake.silver().find(FIRST))
    assert lake.rows() == {name: [f"{name} of {'02' if name == 'songs' else '01'}"] for name in NAMES}
    assert lake.silver().newest() == lake.silver().main() == made


DAY = datetime(2020, 1, 2).date(), datetime(2020, 1, 2).date()


def test_gold_catches_up_to_the_state_and_no_further(lake: Lake) -> None:
    first, second = lake.silver().find(FIRST), lake.silver().find(SECOND)
    lake.silver().mark_built(first)
    assert lake.silver().gold() == first
    lake.write(CLOSING, "not in a state yet", days="2020-03-01/2020-03-01")
    assert lake.silver().days_to_build(second, DAY) == DAY
    lake.silver().mark_built(second)
    assert lake.silver().gold() == second


@pytest.mark.parametrize("built", [FIRST, SECOND])
def test_gold_is_built_of_all_history_after_a_rollback(lake: Lake, built: str) -> None:
    """Also to what gold is marked as built of: a build of SECOND may have failed when some of its models were there."""
    lake.silver().mark_built(lake.silver().find(built))
    made = roll_back(lake.silver(), lake.silver().find(FIRST))
    assert lake.silver().days_to_build(made, DAY) is None
    lake.silver().mark_built(made)
    assert lake.silver().gold() == made


@pytest.mark.parametrize(
    ("text", "found"),
    [("latest", SECOND), (FIRST, FIRST), ("2020-01-02T11:59:59", FIRST), ("2020-01-02T12:00", SECOND),
     ("2020-01-02T12:59+01:00", FIRST), ("2020-06-01", SECOND)],
)  # fmt: skip
def test_state_is_found_by_name_and_by_time(lake: Lake, text: str, found: str) -> None:
    assert lake.silver().find(text).name == found


@pytest.mark.parametrize("text", ["2019-12-31", "yesterday", "state_20200101t120000_beef", ""])
def test_state_that_is_not_there_is_named_with_the_oldest(lake: Lake, text: str) -> None:
    with pytest.raises(Problem, match=f"oldest is {FIRST}") as caught:
        lake.silver().find(text)
    assert caught.value.value == text


def test_reading_a_state_has_the_columns_of_today(lake: Lake) -> None:
    first = lake.silver().find(FIRST).snapshots["users"]
    assert lake.silver().reading("users", first) == f"{{relation}} at (version => {first})"
    with lake.table("users").update_schema() as change:
        change.add_column("nickname", StringType())
        change.rename_column("id", "user_id")
    assert lake.silver().reading("users", first) == (
        f'(select * rename ("id" as "user_id") from {{relation}} at (version => {first})'
        " union all by name (select * from {relation} limit 0))"
    )


def test_names_are_in_the_order_of_closing_also_when_the_clock_is_behind() -> None:
    now = datetime(2020, 1, 1, 12, tzinfo=UTC)
    first = state_name(now, "20200101t115500_ab12")
    second = state_name(now - timedelta(minutes=5), "20200101t115500_cd34", first)
    assert (first, second) == ("state_20200101t120000_ab12", "state_20200101t120001_cd34")
    assert state_names(["main", "gold", "state_x", first, "audit_1", second]) == [second, first]


def test_run_of_several_windows_replaces_its_own_states_only() -> None:
    run = "20200101t120000_ab12"
    names = ["state_20200101t120500_ab12", "state_20200101t121000_ab12", "state_20191231t120000_ab12",
             "state_20200101t120600_cd34"]  # fmt: skip
    assert of_same_run(names, run, "state_20200101t121000_ab12") == ["state_20200101t120500_ab12"]


def head(lake: Lake, name: str) -> int:
    snapshot = lake.table(name).current_snapshot()
    assert snapshot is not None
    return snapshot.snapshot_id


SOLD = pa.schema(
    [("session_id", pa.string()), ("item_number", pa.int32()), ("price", pa.decimal128(10, 2)),
     ("money", pa.string()), ("session_start_time", pa.timestamp("us", "UTC"))]
)  # fmt: skip


def test_difference_names_rows_added_changed_and_removed_by_day(tmp_path: Path) -> None:
    """Read by pyiceberg, as on AWS, over a column that was renamed; by DuckDB: tests/end_to_end/test_states.py."""
    catalog = SqlCatalog("lake", uri=f"sqlite:///{tmp_path}/catalog.db", warehouse=f"file://{tmp_path}/warehouse")
    catalog.create_namespace("deftunes_silver")
    table = catalog.create_table("deftunes_silver.sessions", SOLD)

    def sell(money: str, *items: tuple[str, int, str, int]) -> State:
        rows = [
            {"session_id": name, "item_number": number, "price": Decimal(price), money: "USD",
             "session_start_time": datetime(2020, 1, day, 23, 59, tzinfo=UTC)}
            for name, number, price, day in items
        ]  # fmt: skip
        write = table.overwrite if table.current_snapshot() else table.append
        write(pa.Table.from_pylist(rows, table.schema().as_arrow()))
        return SilverTables(catalog).main()

    first = sell("money", ("a", 1, "1.00", 1), ("a", 2, "0.50", 1), ("b", 1, "2.00", 2))
    with table.update_schema() as change:
        change.rename_column("money", "currency")
        change.add_column("mood", StringType())
    second = sell("currency", ("a", 1, "1.00", 1), ("a", 2, "0.60", 1), ("c", 1, "0.10", 3))
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        sides = LoadedSides(connection, SilverTables(catalog))
        found, sales = sides.table("sessions", first, second), sides.sales(first, second)
        assert sides.table("sessions", first, first)["by_day"] == []
    catalog.close()
    assert [tuple(day.values()) for day in found["by_day"]] == [
        (date(2020, 1, 1), 0, 1, 0),
        (date(2020, 1, 2), 0, 0, 1),
        (date(2020, 1, 3), 1, 0, 0),
    ]
    assert found["keys"] == {"added": ["c#1"], "changed": ["a#2"], "removed": ["b#1"]}
    assert [(row["earlier_sales"], row["later_sales"], row["gold_sales"]) for row in sales] == [
        (Decimal("3.50"), Decimal("1.70"), None)
    ]
