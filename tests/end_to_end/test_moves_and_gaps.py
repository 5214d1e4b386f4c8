"""Sessions that change their day and users who register between two windows, up to what dashboards read."""

from collections.abc import Callable
from pathlib import Path

import duckdb

from tests.end_to_end.conftest import Lake, Source
from tests.layers import ask, layers, snapshots

FIRST, SECOND, LATER = "2020-02-24", "2020-02-25", "2020-02-28"


def served_sums(root: Path) -> list[tuple[object, ...]]:
    """Items, sales and doubled items in the served file."""
    with duckdb.connect(str(root / "var/serving/serving.duckdb"), read_only=True) as connection:
        return connection.execute(
            "select count(*), sum(price), count(*) - count(distinct (session_id, item_number)),"
            " (select sum(total_sales) from bi.daily_sales_vw) from gold.fact_session"
        ).fetchall()


def test_session_that_moves_and_moves_back_is_sold_once_in_every_layer(
    lakes: Callable[..., Lake], source: Source
) -> None:
    source.take(FIRST, SECOND)
    lake = lakes("lake", source.url)
    lake.run(FIRST, SECOND)
    before, sums = layers(lake.root), served_sums(lake.root)
    moved = next(each for each in source.sessions if len(each["session_items"]) > 1)
    start, moved["session_start_time"] = moved["session_start_time"], f"{SECOND}T00:10:00.000000"

    lake.run(SECOND, SECOND)

    assert served_sums(lake.root) == sums
    where = f"from gold.fact_session where session_id = '{moved['session_id']}'"
    assert ask(lake.root, f"select distinct session_start_time::date::varchar {where}") == [(SECOND,)]
    after_first_day = layers(lake.root)
    head = snapshots(lake.root)
    lake.run(FIRST, SECOND)  # now landing of the first day has it no more
    assert layers(lake.root) == after_first_day
    assert snapshots(lake.root) == head

    moved["session_start_time"] = start
    lake.run(FIRST, SECOND)
    assert layers(lake.root) == before
    assert served_sums(lake.root) == sums


def test_users_of_a_gap_are_those_of_one_run_over_all_days(lakes: Callable[..., Lake], source: Source) -> None:
    source.take(FIRST, LATER)
    way, clean = lakes("way", source.url), lakes("clean", source.url)
    clean.run(FIRST, LATER)
    way.run(FIRST, FIRST)
    source.requests.clear()

    way.run(LATER, LATER)

    gap = f"/users?start_date={SECOND}&end_date=2020-02-27"
    assert len([path for path in source.requests if path.startswith(gap)]) == 1
    assert len([path for path in source.requests if path.startswith("/users")]) == 2
    assert layers(way.root)["silver.users"] == layers(clean.root)["silver.users"]
    way.run(FIRST, LATER)
    assert layers(way.root) == layers(clean.root)
