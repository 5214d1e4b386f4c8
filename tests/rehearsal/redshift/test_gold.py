"""The project's own dbt, target aws, through the front: equal rows to the build on DuckDB of the same silver."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Event
from typing import Any

import pytest
import redshift_connector

from deftunes.gold.build import GoldError, build_gold, document
from deftunes.gold.dbt_run import run_dbt
from deftunes.redshift.connection import transaction
from deftunes.redshift.publish import Model, models, publish
from tests.rehearsal.redshift.both_warehouses import BothWarehouses, open_both_warehouses
from tests.rehearsal.redshift.fronts import Running
from tests.rehearsal.redshift.lakes import Lake
from tests.unit.dbt.gold_fixture import day
from tests.unit.dbt.test_unit_tests import results_of, unit_test_names

GOLD = ("fact_session", "dim_users", "dim_songs", "dim_artists", "dim_date", "purchases_vw")
BI = (
    *("daily_sales_vw", "layer_rows_vw", "music_preference_vw", "quarantine_vw", "refinements_vw"),
    *("rule_outcomes_vw", "sales_per_artist_vw", "sales_per_country_vw", "user_activity_vw"),
)
RELATIONS = [*(f"gold.{name}" for name in GOLD), *(f"bi.{name}" for name in BI)]
READER = "dashboards"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, lake: Lake, front: Running) -> Iterator[BothWarehouses]:
    """A few sales around a leap day, in both warehouses, built of all of silver."""
    front.rows(f"create user {READER} password 'secret'")
    opened = open_both_warehouses(tmp_path_factory.mktemp("shops"), lake, front)
    fill(opened)
    build(opened)
    yield opened
    for schema in (
        "bi",
        "gold",
        "bi_build",
        "gold_build",
        "intermediate",
        "staging",
        "deftunes_silver",
        "deftunes_ops",
    ):
        front.rows(f"drop schema {schema} cascade")
    for user in (READER, "dbt"):
        front.rows(f"drop user {user}")


def fill(both: BothWarehouses) -> None:
    duck = both.duck
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
        " 2, 1, true, 7, '2020-03-01 00:59:59.500000+00', '2020-03-01 01:01:00.260000+00', null, null)"
    )
    duck.silver(
        "insert into deftunes_ops.rule_outcomes values ('r', 'users', 'IsComplete \"user_id\"', 'Passed', '', '{}',"
        " '2020-02-29', '2020-02-29', '2020-03-01 01:00:59+00')"
    )


def sale(session_id: str, start: str, **other: object) -> dict[str, object]:
    return {"session_id": session_id, "session_start_time": start, **other}


def build(both: BothWarehouses, window: Any = None) -> None:
    """On both; Redshift's is published."""
    both.deliver()
    build_gold(both.duck.settings, window)
    build_gold(both.settings, window)
    publish(both.builder, models(both.settings.manifest_path), window, [READER])


def differences(both: BothWarehouses, front: Running) -> dict[str, tuple[set[str], set[str]]]:
    """By relation: rows of DuckDB alone, rows of Redshift alone."""
    found = {}
    for relation in RELATIONS:
        duck = {repr(row) for row in both.duck.rows(f"select * from {relation}")}
        redshift = {repr(row) for row in front.rows(f"select * from {relation}")}
        assert duck, relation
        if duck != redshift:
            found[relation] = (duck - redshift, redshift - duck)
    return found


def test_gold_and_bi_have_the_rows_that_duckdb_has(both: BothWarehouses, front: Running) -> None:
    assert differences(both, front) == {}
    assert front.rows("select duration_s from bi.refinements_vw")[0][0].as_tuple().digits == (6, 0, 8)


def test_keys_are_those_of_the_models(both: BothWarehouses, front: Running) -> None:
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


def test_readers_see_bi_and_purchases_and_no_names(both: BothWarehouses, front: Running) -> None:
    for relation in (*(f"bi.{name}" for name in BI), "gold.purchases_vw"):
        assert front.rows(f"select count(*) from {relation}", READER)[0][0] > 0, relation
    for relation in ("gold.dim_users", "deftunes_silver.users", "staging.stg_silver__users"):
        with pytest.raises(Exception, match="42501"):
            front.rows(f"select count(*) from {relation}", READER)


def test_window_replaces_its_days_and_no_other(both: BothWarehouses, front: Running) -> None:
    both.duck.silver("delete from deftunes_silver.sessions where session_id in ('s1', 's3')")
    both.duck.add("sessions", sale("s5", "2020-02-29 12:00:00+00", price="2.01"))
    build(both, day("2020-02-29"))
    assert differences(both, front) == {}
    kept = front.rows("select distinct session_id from gold.fact_session order by 1")
    assert [row[0] for row in kept] == ["s1", "s2", "s4", "s5"]


def test_readers_keep_the_last_build_when_a_test_fails(both: BothWarehouses, front: Running) -> None:
    """The facts were replaced where they are built; what readers see is as it was, and there at every moment."""
    before = published(front)
    [(session,)] = both.duck.rows("select session_id from gold.fact_session where session_id = 's2'")
    both.duck.silver(f"update deftunes_silver.sessions set price = -1 where session_id = '{session}'")
    both.deliver()
    with pytest.raises(GoldError):
        build_gold(both.settings, day("2020-02-29"))
    assert front.rows("select price from gold_build.fact_session where session_id = 's2'") == [(Decimal("-1.00"),)]
    assert published(front) == before
    both.duck.silver(f"update deftunes_silver.sessions set price = 1.03 where session_id = '{session}'")
    build(both, day("2020-02-29"))
    assert differences(both, front) == {}


@pytest.mark.parametrize("change", ["add column extra integer", "rename column artist_id to performer_id"])
def test_fact_is_built_anew_of_all_history_when_its_columns_are_not_those_of_the_contract(
    both: BothWarehouses, front: Running, change: str
) -> None:
    facts = "select * from gold_build.fact_session order by session_id, item_number"
    build(both)
    before = front.rows(facts)
    front.rows("delete from gold_build.fact_session where session_id = 's4'")  # of a day after the window
    front.rows(f"alter table gold_build.fact_session {change}")
    build(both, day("2020-02-29"))
    assert front.rows(facts) == before
    assert differences(both, front) == {}


def test_end_before_the_commit_leaves_the_last_build(both: BothWarehouses, front: Running) -> None:
    before = published(front)
    listed = models(both.settings.manifest_path)
    lost = Model("bi_build", "no_such_model")
    with pytest.raises(redshift_connector.Error):
        publish(both.builder, [*listed, lost], None, [READER])
    assert published(front) == before


def test_readers_find_every_relation_while_it_is_published(both: BothWarehouses, front: Running) -> None:
    """A reader who asks all the time meets no missing view, and no half of a build."""
    seen, ended = [], Event()

    def read() -> None:
        with front.connect(READER) as connection, connection.cursor() as cursor:
            while not ended.is_set():
                cursor.execute("select sum(items_sold) from bi.daily_sales_vw")
                items = cursor.fetchall()[0][0]
                cursor.execute("select count(*) from gold.purchases_vw")
                seen.append((items, cursor.fetchall()[0][0]))

    with ThreadPoolExecutor(1) as beside:
        reading = beside.submit(read)
        for _ in range(5):
            publish(both.builder, models(both.settings.manifest_path), None, [READER])
        ended.set()
        reading.result(timeout=30)
    [(items,)] = front.rows("select count(*) from gold.fact_session")
    assert set(seen) == {(items, items)}


def test_table_whose_columns_changed_is_published_anew_with_its_readers(both: BothWarehouses, front: Running) -> None:
    """A column of an earlier version of the model is gone after the next publishing, whatever its window."""
    front.rows("alter table bi.daily_sales_vw add column of_an_earlier_version int")
    build(both, day("2020-02-29"))
    assert differences(both, front) == {}
    assert len(front.rows("select * from bi.daily_sales_vw", READER)) == len(
        front.rows("select * from bi.daily_sales_vw")
    )


def test_grants_of_others_survive_a_build(both: BothWarehouses, front: Running) -> None:
    front.rows("create user auditor password 'secret'")
    try:
        front.rows("grant usage on schema bi to auditor")
        front.rows("grant select on bi.daily_sales_vw to auditor")
        build(both)
        assert front.rows("select count(*) from bi.daily_sales_vw", "auditor")[0][0] > 0
    finally:
        front.rows("revoke all on bi.daily_sales_vw from auditor")
        front.rows("revoke all on schema bi from auditor")
        front.rows("drop user auditor")


def test_who_builds_may_do_no_more(both: BothWarehouses) -> None:
    """The models run as a user who owns gold and bi, and is nobody's superior."""
    for statement in (
        "create user another password 'Secret123'",
        "create schema elsewhere",
        "drop schema deftunes_silver",
    ):
        with pytest.raises(redshift_connector.Error), transaction(both.builder) as cursor:
            cursor.execute(statement)


def published(front: Running) -> dict[str, list[tuple[Any, ...]]]:
    """All that readers see."""
    return {relation: sorted(front.rows(f"select * from {relation}"), key=repr) for relation in RELATIONS}


def test_unit_tests_of_dbt_pass_on_redshift(both: BothWarehouses) -> None:
    outcome = run_dbt(both.settings, "test", "--select", "test_type:unit")
    results = results_of(outcome)
    assert {name: result for name, result in results.items() if result[0] != "pass"} == {}
    assert set(results) == unit_test_names()


def test_documentation_can_be_generated(both: BothWarehouses) -> None:
    assert "late binding view" in document(both.settings).read_text().lower()
