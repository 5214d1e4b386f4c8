"""The project's own dbt, target aws, through the front: equal rows to the build on DuckDB of the same silver."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from deftunes.gold.build import build_gold, document
from deftunes.gold.dbt_run import run_dbt
from tests.rehearsal.redshift.fronts import Running
from tests.rehearsal.redshift.lakes import Lake
from tests.rehearsal.redshift.shops import TwoShops, open_two_shops
from tests.unit.dbt.shop import day
from tests.unit.dbt.test_unit_tests import results_of, unit_tests_written

GOLD = ("fact_session", "dim_users", "dim_songs", "dim_artists", "dim_date", "purchases_vw")
BI = (
    *("daily_sales_vw", "layer_rows_vw", "music_preference_vw", "quarantine_vw", "refinements_vw"),
    *("rule_outcomes_vw", "sales_per_artist_vw", "sales_per_country_vw", "user_activity_vw"),
)
RELATIONS = [*(f"gold.{name}" for name in GOLD), *(f"bi.{name}" for name in BI)]
READER = "dashboards"


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory, lake: Lake, front: Running) -> Iterator[TwoShops]:
    """A few sales around a leap day, in both warehouses, built of all of silver."""
    front.rows(f"create user {READER} password 'secret'")
    opened = open_two_shops(tmp_path_factory.mktemp("shops"), lake, front)
    opened = replace(
        opened,
        settings=replace(opened.settings, environment=(*opened.settings.environment, ("REDSHIFT_READERS", READER))),
    )
    fill(opened)
    build(opened)
    yield opened
    for schema in ("bi", "gold", "staging", "deftunes_silver", "deftunes_ops"):
        front.rows(f"drop schema {schema} cascade")
    front.rows(f"drop user {READER}")


def fill(shops: TwoShops) -> None:
    duck = shops.duck
    duck.add("users", {"user_id": "u1"}, {"user_id": "u2", "country_code": "DE", "user_name": "Zoë"})
    duck.add("songs", {}, {"track_id": "TR2", "song_id": "SO2", "title": "", "artist_id": "AR2", "artist_name": " É "})
    duck.add(
        "sessions",
        sale("s1", "2020-02-28 23:59:59.999999+00"),
        sale("s1", "2020-02-28 23:59:59.999999+00", item_number=2, track_id="TR2", artist_id="AR2", price="0.98"),
        sale("s2", "2020-02-29 00:00:00+00", user_id="u2", liked=True, liked_since="2023-01-27 08:29:54.970697+00"),
        sale("s3", "2020-02-29 23:59:59.999999+00", user_id="late", track_id="TR3", song_name="Sold", currency="EUR"),
        sale("s4", "2020-03-01 00:00:00+00", user_id=None, price="0.35"),
    )
    columns = "record_id, raw, reasons, window_from, window_to, ingest_on"
    duck.silver(
        f"insert into deftunes_silver.quarantine_users ({columns})"
        " values ('q', '{}', 'user_id is missing: null; x', '2020-02-29', '2020-02-29', '2020-02-29')"
    )
    duck.silver(
        "insert into deftunes_ops.runs values ('r', 'refine', 'users', '2020-02-29', '2020-02-29', 'passed', 3, 0, 3,"
        " 2, 1, true, 7, '2020-03-01 00:59:59.500000+00', '2020-03-01 01:01:00.260000+00', null)"
    )
    duck.silver(
        "insert into deftunes_ops.rule_outcomes values ('r', 'users', 'IsComplete \"user_id\"', 'Passed', '', '{}',"
        " '2020-02-29', '2020-02-29', '2020-03-01 01:00:59+00')"
    )


def sale(session_id: str, start: str, **other: object) -> dict[str, object]:
    return {"session_id": session_id, "session_start_time": start, **other}


def build(shops: TwoShops, window: Any = None) -> None:
    shops.deliver()
    build_gold(shops.duck.settings, window)
    build_gold(shops.settings, window)


def differences(shops: TwoShops, front: Running) -> dict[str, tuple[set[str], set[str]]]:
    """By relation: rows of DuckDB alone, rows of Redshift alone."""
    found = {}
    for relation in RELATIONS:
        duck = {repr(row) for row in shops.duck.rows(f"select * from {relation}")}
        redshift = {repr(row) for row in front.rows(f"select * from {relation}")}
        assert duck, relation
        if duck != redshift:
            found[relation] = (duck - redshift, redshift - duck)
    return found


def test_gold_and_bi_have_the_rows_that_duckdb_has(shops: TwoShops, front: Running) -> None:
    assert differences(shops, front) == {}
    assert front.rows("select duration_s from bi.refinements_vw")[0][0].as_tuple().digits == (6, 0, 8)


def test_keys_are_those_of_the_models(shops: TwoShops, front: Running) -> None:
    shown = front.rows(
        'select "schema", "table", diststyle, sortkey1 from svv_table_info where "schema" in (\'gold\', \'bi\')'
    )
    by_table = {row[1]: (row[2], row[3]) for row in shown}
    assert {name: by_table.pop(name) for name in GOLD if name in by_table} == {
        "fact_session": ("KEY(user_key)", "session_start_time"),
        "dim_users": ("KEY(user_key)", "user_key"),
        "dim_songs": ("ALL", "song_key"),
        "dim_artists": ("ALL", "artist_key"),
        "dim_date": ("ALL", "date_key"),
    }
    assert by_table == dict.fromkeys(BI, ("EVEN", "AUTO(SORTKEY)"))


def test_bi_is_materialized_and_refreshed_by_hand(front: Running, shops: TwoShops) -> None:
    shown = dict(front.rows("select name, autorefresh from svv_mv_info where schema_name = 'bi'"))
    assert shown == dict.fromkeys({*BI} - {"layer_rows_vw", "quarantine_vw", "refinements_vw", "rule_outcomes_vw"}, "f")


def test_readers_see_bi_and_purchases_and_no_names(shops: TwoShops, front: Running) -> None:
    for relation in (*(f"bi.{name}" for name in BI), "gold.purchases_vw"):
        assert front.rows(f"select count(*) from {relation}", READER)[0][0] > 0, relation
    for relation in ("gold.dim_users", "deftunes_silver.users", "staging.stg_silver__users"):
        with pytest.raises(Exception, match="42501"):
            front.rows(f"select count(*) from {relation}", READER)


def test_window_replaces_its_days_and_no_other(shops: TwoShops, front: Running) -> None:
    shops.duck.silver("delete from deftunes_silver.sessions where session_id in ('s1', 's3')")
    shops.duck.add("sessions", sale("s5", "2020-02-29 12:00:00+00", price="2.01"))
    build(shops, day("2020-02-29"))
    assert differences(shops, front) == {}
    kept = front.rows("select distinct session_id from gold.fact_session order by 1")
    assert [row[0] for row in kept] == ["s1", "s2", "s4", "s5"]


def test_bi_follows_when_only_the_facts_were_built(shops: TwoShops, front: Running) -> None:
    """dbt refreshes a materialized view whose tables are still those it was made of."""
    made = "select oid::int from pg_class where relname = 'daily_sales_vw' and relkind = 'v'"
    before = front.rows(made)
    front.rows("update gold.fact_session set price = price + 1 where session_id = 's2'")
    outcome = run_dbt(shops.settings, "run", "--select", "daily_sales_vw")
    assert outcome.success
    assert front.rows(made) == before
    [(facts, sales)] = front.rows(
        "select (select sum(price) from gold.fact_session), (select sum(total_sales) from bi.daily_sales_vw)"
    )
    assert facts == sales


def test_unit_tests_of_dbt_pass_on_redshift(shops: TwoShops) -> None:
    outcome = run_dbt(shops.settings, "test", "--select", "test_type:unit")
    results = results_of(outcome)
    assert {name: result for name, result in results.items() if result[0] != "pass"} == {}
    assert set(results) == unit_tests_written()


def test_documentation_can_be_generated(shops: TwoShops) -> None:
    assert "late binding view" in document(shops.settings).read_text().lower()
