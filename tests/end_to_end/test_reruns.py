"""Again, later, older, overlapping: the end state is that of one clean run, rows and sums, in every layer."""

from collections.abc import Callable

from tests.end_to_end.conftest import Api, Lake
from tests.layers import ask, landed_records, layers, snapshots


def test_windows_in_any_order_end_as_one_clean_run(lakes: Callable[[str], Lake], api: Api) -> None:
    """Trap 13, 11, 12: a later window first, an older one after it, one that overlaps both, one of them again."""
    way, clean = lakes("way"), lakes("clean")
    for first, last in (("2020-02-26", "2020-03-02"), ("2020-02-20", "2020-02-25"), ("2020-02-24", "2020-02-28")):
        way.run(first, last)
    clean.run("2020-02-20", "2020-03-02")
    long_way, short_way = layers(way.root), layers(clean.root)
    assert {name: len(rows) for name, rows in long_way.items()} == {name: len(rows) for name, rows in short_way.items()}
    assert long_way == short_way
    assert len(short_way["silver.sessions"]) > 100

    before = snapshots(clean.root)
    again = clean.run("2020-02-20", "2020-03-02")
    assert snapshots(clean.root) == before  # the same window again publishes no snapshot
    assert layers(clean.root) == short_way
    assert [each.summary["is_changed"] for each in again if each.step.verb in ("land", "refine")] == [False] * 6


def test_landed_equals_silver_and_quarantine_and_sums_agree(lakes: Callable[[str], Lake], api: Api) -> None:
    """Traps 1, 2, 3, 5, 6, 7, 14: nothing vanishes between landing and bi, to the cent."""
    lake = lakes("lake")
    lake.run("2020-02-18", "2020-03-01")
    landed = landed_records(lake.root, "sessions")
    items = [item for session in landed for item in session["session_items"]]
    empty = [session["session_id"] for session in landed if not session["session_items"]]
    cents = sum(round(item["price"] * 100) for item in items)
    [(rows, sales)] = ask(lake.root, "select count(*), sum(price) from lake.deftunes_silver.sessions")
    assert (rows, round(sales * 100)) == (len(items), cents)
    quarantined = ask(lake.root, "select record_id, reasons from lake.deftunes_silver.quarantine_sessions order by 1")
    assert quarantined == [(session, "the session has no items") for session in sorted(empty)]
    assert empty  # 2020-02-20 holds one for certain
    for view in ("daily_sales_vw", "sales_per_country_vw", "sales_per_artist_vw"):
        [(total,)] = ask(lake.root, f"select sum(total_sales) from bi.{view}")
        assert round(total * 100) == cents, view
    [(unjoined,)] = ask(
        lake.root,
        "select count(*) from gold.fact_session f left join gold.dim_songs s on f.song_key = s.song_key "
        "where s.title is null or s.title = 'Unknown'",
    )
    assert unjoined == 0  # the API's song_id is a track id (trap 1)
    starts = ask(
        lake.root,
        "select count(*) from lake.deftunes_silver.sessions where session_start_time::varchar like '%23:59:59.999999%'",
    )
    assert starts[0][0] == sum(
        len(session["session_items"]) for session in landed if "23:59:59.999999" in session["session_start_time"]
    )
    assert [
        day
        for (day,) in ask(lake.root, "select distinct ingest_on from lake.deftunes_silver.sessions")
        if day.day == 29
    ]


def test_a_later_pull_updates_likes_and_adds_no_rows(lakes: Callable[[str], Lake], api: Api) -> None:
    """Trap 9: the same days asked for again after likes changed."""
    lake = lakes("lake")
    lake.run("2020-03-01", "2020-03-03")
    counted = "select count(*), sum(price), sum(liked::int) from lake.deftunes_silver.sessions"
    [(rows, sales, likes)] = ask(lake.root, counted)
    api.faults({"kind": "likes", "path": "/sessions", "share": 0.5})
    lake.run("2020-03-01", "2020-03-04")
    window = counted + " where ingest_on <= date '2020-03-03'"
    [(rows_later, sales_later, likes_later)] = ask(lake.root, window)
    assert (rows_later, sales_later) == (rows, sales)
    assert likes_later != likes
    [(gold_likes,)] = ask(
        lake.root, "select sum(liked::int) from gold.fact_session where session_start_time < timestamp '2020-03-04'"
    )
    assert gold_likes == likes_later


def test_a_late_user_gives_old_sales_a_country(lakes: Callable[[str], Lake], api: Api) -> None:
    """Trap 5: sold before the buyer was known; when the user arrives, the old sale has the country."""
    lake = lakes("lake")
    api.faults({"kind": "empty", "path": "/users", "day": "2020-02-27"})
    lake.run("2020-02-25", "2020-03-02")
    unknown = """select count(*) from gold.fact_session f join gold.dim_users u on f.user_key = u.user_key
      where u.country_code = 'ZZ'"""
    [(before,)] = ask(lake.root, unknown)
    api.faults()
    lake.run("2020-02-27", "2020-02-27")
    [(after,)] = ask(lake.root, unknown)
    assert before > 0
    assert after == 0


def test_gold_catches_up_with_what_was_refined_and_not_built(lakes: Callable[[str], Lake], api: Api) -> None:
    """A run that died before gold: the next window's run builds the days that are missing too."""
    from deftunes.run.runner import run_steps
    from deftunes.run.steps import STEPS
    from spark_jobs.window import Window

    lake = lakes("lake")
    lake.run("2020-03-01", "2020-03-01")
    window = Window.parse("2020-03-02", "2020-03-03")
    upstream = tuple(step for step in STEPS if step.verb in ("land", "refine"))
    run_steps(lambda step, references: lake.line._act(step, window, references), lambda progress: None, upstream)
    lake.run("2020-03-04", "2020-03-04")
    per_day = "select ingest_on, count(*) from lake.deftunes_silver.sessions group by 1 order by 1"
    gold_per_day = "select session_start_time::date, count(*) from gold.fact_session group by 1 order by 1"
    silver_days = ask(lake.root, per_day)
    assert ask(lake.root, gold_per_day) == silver_days
    assert len(silver_days) == 4
