"""build_gold on a stand-in for silver: what a window replaces, who is inferred, and what stops a build."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest

from deftunes.gold.build import GoldError, build_gold
from deftunes.gold.dbt_run import run_dbt
from deftunes.gold.publish import WITHHELD, published_models
from tests.contract.test_dbt_personal_data import tags
from tests.unit.dbt.gold_fixture import GoldFixture, day, open_gold_fixture

COUNTRIES = "select country_code, total_sales from bi.sales_per_country_vw order by 1"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> GoldFixture:
    gold = open_gold_fixture(tmp_path_factory.mktemp("shop"))
    gold.reset()
    gold.add("users", {"user_id": "u1"})
    gold.add("songs", {})
    gold.add("sessions", sale("s1", "2020-02-28 23:59:59.999999+00"), sale("s2", "2020-02-29 00:00:00+00"))
    gold.add("sessions", sale("s3", "2020-02-29 23:59:59.999999+00"), sale("s4", "2020-03-01 00:00:00+00"))
    build_gold(gold.settings)
    gold.keep()
    return gold


@pytest.fixture
def gold(built: GoldFixture) -> GoldFixture:
    """Four sales around a leap day, built into a warehouse."""
    built.restore()
    return built


def sale(session_id: str, start: str, **other: object) -> dict[str, object]:
    return {"session_id": session_id, "session_start_time": start, **other}


def test_first_window_builds_all_of_silver_when_the_warehouse_is_new(gold: GoldFixture) -> None:
    gold.settings.warehouse_path.unlink()
    result = build_gold(gold.settings, day("2020-02-29"))
    assert {model.name: model.rows for model in result.models}["fact_session"] == 4
    assert result.warnings == ()


def test_manifest_of_the_build_says_what_is_not_published_and_what_is_replaced_by_window(gold: GoldFixture) -> None:
    """The names and places that tests/contract/test_dbt_personal_data.py lists."""
    models = published_models(gold.settings.manifest_path)
    hidden = {name for name in models.withheld if not name.startswith("staging.")}
    assert {name: column for name, column in models.event_times.items() if name.startswith(("gold.", "bi."))} == {
        "gold.fact_session": "session_start_time",
        "bi.layer_rows_vw": "session_date",
    }
    assert hidden == {f"gold.{name}" for name, kind in tags("gold").items() if kind in WITHHELD}
    assert {"gold.dim_users.user_name", "gold.dim_users.user_lastname", "gold.dim_users.place_name"} < hidden


def test_window_replaces_its_days_and_no_other(gold: GoldFixture) -> None:
    gold.silver("delete from deftunes_silver.sessions where session_id in ('s1', 's3')")
    gold.add("sessions", sale("s5", "2020-02-29 12:00:00+00"), sale("s6", "2020-03-01 12:00:00+00"))
    build_gold(gold.settings, day("2020-02-29"))
    assert facts(gold) == ["s1", "s2", "s4", "s5"]
    build_gold(gold.settings, day("2020-03-01"))
    assert facts(gold) == ["s1", "s2", "s4", "s5", "s6"]
    build_gold(gold.settings)
    assert facts(gold) == ["s2", "s4", "s5", "s6"]


@pytest.mark.parametrize(
    "columns_before",
    ["*, 1 as extra", "* exclude (liked_since)", "* rename (price as cost)",
     "* replace (price::decimal(8, 2) as price)", "* replace (item_number::bigint as item_number)"],
)  # fmt: skip
def test_fact_is_built_anew_of_all_history_when_its_columns_are_not_those_of_the_contract(
    gold: GoldFixture, columns_before: str
) -> None:
    columns = "select column_name, data_type from information_schema.columns where table_name = 'fact_session'"
    before, whole = gold.rows(columns), gold.rows("select * from gold.fact_session order by all")
    gold.change_warehouse(
        f"create or replace table gold.fact_session as select {columns_before} from gold.fact_session "
        "where session_id <> 's1'"  # of a day before the window
    )
    build_gold(gold.settings, day("2020-02-29"))
    assert gold.rows(columns) == before
    assert gold.rows("select * from gold.fact_session order by all") == whole


def test_window_alone_is_built_when_the_columns_are_those_of_the_contract(gold: GoldFixture) -> None:
    gold.change_warehouse("update gold.fact_session set artist_id = 'as it was' where session_id = 's1'")
    build_gold(gold.settings, day("2020-02-29"))
    assert gold.rows("select distinct artist_id from gold.fact_session where session_id = 's1'") == [("as it was",)]


def test_same_window_again_changes_nothing(gold: GoldFixture) -> None:
    everything = "select * from gold.fact_session order by all"
    before = gold.rows(everything)
    build_gold(gold.settings, day("2020-02-29"))
    assert gold.rows(everything) == before


def test_changed_like_updates_the_row_and_adds_none(gold: GoldFixture) -> None:
    gold.silver("update deftunes_silver.sessions set liked = true, liked_since = '2023-01-27 08:29:54.970697+00'")
    build_gold(gold.settings, (date(2020, 2, 28), date(2020, 3, 1)))
    liked = gold.rows("select liked, liked_since, count(*) from gold.fact_session group by all")
    assert liked == [(True, datetime(2023, 1, 27, 8, 29, 54, 970697), 4)]


def test_old_sales_get_the_country_when_their_user_arrives(gold: GoldFixture) -> None:
    gold.add("sessions", sale("s7", "2020-02-29 10:00:00+00", user_id="late", price="0.40"))
    build_gold(gold.settings)
    assert ("ZZ", Decimal("0.40")) in gold.rows(COUNTRIES)
    gold.add("users", {"user_id": "late", "country_code": "DE"})
    build_gold(gold.settings, day("2020-03-01"))  # a later day: the old one is not built again
    assert ("DE", Decimal("0.40")) in gold.rows(COUNTRIES)
    assert "ZZ" not in [country for country, _ in gold.rows(COUNTRIES)]


def test_timestamps_are_utc_when_silver_has_a_zone(gold: GoldFixture) -> None:
    gold.add("sessions", sale("s8", "2020-03-01 01:30:00+02"))
    build_gold(gold.settings)
    found = gold.rows("select session_start_time, date_key from gold.fact_session where session_id = 's8'")
    assert found == [(datetime(2020, 2, 29, 23, 30), 20200229)]


def test_dates_cover_whole_years_and_the_leap_day(gold: GoldFixture) -> None:
    days = "select min(calendar_date), max(calendar_date), count(*) from gold.dim_date where date_key > 0"
    assert gold.rows(days) == [(date(2020, 1, 1), date(2020, 12, 31), 366)]
    leap = gold.rows(
        "select year, quarter, month, day, month_start, weekday from gold.dim_date where date_key = 20200229"
    )
    assert leap == [(2020, 1, 2, 29, date(2020, 2, 1), 6)]


def test_every_dimension_has_its_unknown_member_when_nothing_was_sold(gold: GoldFixture) -> None:
    gold.reset()
    build_gold(gold.settings)
    unknown = 0
    assert gold.rows("select user_key, user_name, country_code from gold.dim_users") == [(unknown, "Unknown", "ZZ")]
    assert gold.rows("select song_key, title from gold.dim_songs") == [(unknown, "Unknown")]
    assert gold.rows("select artist_key, artist_name from gold.dim_artists") == [(unknown, "Unknown")]
    assert gold.rows("select date_key, calendar_date from gold.dim_date") == [(0, None)]


def test_build_names_the_failed_test_and_its_rows(gold: GoldFixture) -> None:
    gold.add("users", {"user_id": "u1"})
    with pytest.raises(GoldError) as caught:
        build_gold(gold.settings)
    [finding] = caught.value.findings
    assert (finding.name, finding.status, finding.count) == ("dim_users_have_keys_of_their_own", "fail", 1)
    assert finding.columns == ("user_key", "first_id", "last_id", "times")
    assert [(row[1], row[2], int(row[3])) for row in finding.rows] == [("u1", "u1", 2)]
    assert finding.sql_path is not None
    assert "limit" not in finding.sql_path.read_text()
    assert str(gold.settings.log_path) in str(caught.value)


def test_build_names_the_failed_model_when_silver_lacks_a_column(gold: GoldFixture) -> None:
    gold.silver("alter table deftunes_silver.sessions drop column price")
    with pytest.raises(GoldError, match="price") as caught:
        build_gold(gold.settings)
    assert [each.name for each in caught.value.findings] == ["stg_silver__sessions"]


def test_build_warns_when_most_buyers_are_not_delivered(gold: GoldFixture) -> None:
    gold.silver("delete from deftunes_silver.users")
    assert [each.name for each in build_gold(gold.settings).warnings] == ["inferred_user_share"]


def test_build_fails_when_no_track_is_in_the_catalogue(gold: GoldFixture) -> None:
    gold.silver("update deftunes_silver.songs set track_id = 'TRX', song_id = 'TR1'")  # as if joined by song_id
    with pytest.raises(GoldError, match="inferred_song_share"):
        build_gold(gold.settings)


@pytest.mark.parametrize("item_number", [1, 2], ids=["the same item", "another item"])
def test_build_fails_when_a_session_of_the_window_stands_on_another_day_too(
    gold: GoldFixture, item_number: int
) -> None:
    gold.add("sessions", sale("s1", "2020-02-29 12:00:00+00", item_number=item_number))  # s1 is of the day before
    with pytest.raises(GoldError) as caught:
        build_gold(gold.settings, day("2020-02-29"))
    assert "session_has_one_buyer" in [each.name for each in caught.value.findings if each.status == "fail"]


def test_reversed_window_is_refused(gold: GoldFixture) -> None:
    with pytest.raises(ValueError, match="2020-03-01, after its end 2020-02-29"):
        build_gold(gold.settings, (date(2020, 3, 1), date(2020, 2, 29)))


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ("{window_from: '2020-02-29'}", "give both"),
        ("{window_from: 'yesterday', window_to: '2020-02-29'}", "yesterday"),
        ("{window_from: '2020-03-01', window_to: '2020-02-29'}", "swap them"),
    ],
)
def test_bad_window_of_a_bare_dbt_is_refused(gold: GoldFixture, given: str, part: str) -> None:
    outcome = run_dbt(gold.settings, "run", "--select", "fact_session", "--vars", given)
    assert part in str(outcome.exception)


@pytest.mark.parametrize(
    ("damage", "test"),
    [
        ("update gold.fact_session set price = price + 0.01 where session_id = 's2'", "fact_equals_silver"),
        ("delete from gold.fact_session where session_id = 's2'", "fact_equals_silver"),
        ("update bi.daily_sales_vw set total_sales = total_sales + 0.01", "bi_equals_fact"),
        ("delete from bi.music_preference_vw", "bi_equals_fact"),
        ("update gold.dim_users set user_key = 7 where user_id = 'u1'", "fact_session_user_key_refers_to_dim_users"),
        ("insert into gold.fact_session from gold.fact_session limit 1", "fact_session_has_unique_items"),
        ("update gold.fact_session set session_id = 's1', item_number = 63 + price", "fact_session_has_unique_items"),
        ("update gold.fact_session set liked = true", "fact_session_has_true_rows"),
        ("update intermediate.int_session_totals set session_id = 's2', user_key = date_key", "session_has_one_buyer"),
        ("update gold.dim_songs set song_key = 0", "dim_songs_have_keys_of_their_own"),  # as if two ids had one key
        ("update bi.daily_sales_vw set currency = 'XXX'", "daily_sales_vw_has_known_currencies"),
    ],
)
def test_damage_is_found_by_its_data_test(gold: GoldFixture, damage: str, test: str) -> None:
    gold.change_warehouse(damage)
    outcome = run_dbt(gold.settings, "test", "--select", test)
    assert [str(each.status) for each in outcome.result.results if each.node.name == test] == ["fail"]


def test_docs_are_generated(gold: GoldFixture) -> None:
    assert run_dbt(gold.settings, "docs", "generate").success
    assert (gold.settings.state_dir / "target" / "catalog.json").is_file()


def facts(gold: GoldFixture) -> list[str]:
    return [session_id for (session_id,) in gold.rows("select session_id from gold.fact_session order by 1")]


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: b"",
        lambda file: file[: len(file) // 2],
        lambda file: b"\0" * 4096 + file[4096:],
        lambda file: file[:12288] + b"\0" * (len(file) - 12288),  # opens, and cannot be read
    ],
    ids=["emptied", "cut", "without its head", "without its blocks"],
)
def test_damaged_warehouse_is_built_anew_of_all_of_silver(gold: GoldFixture, damage: Callable[[bytes], bytes]) -> None:
    path = gold.settings.warehouse_path
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)

    result = build_gold(gold.settings, day("2020-02-29"))

    assert facts(gold) == ["s1", "s2", "s3", "s4"]
    assert result.window is None
    assert [finding.name for finding in result.warnings] == ["warehouse"]
    assert f"{path} was damaged and is built anew" in result.warnings[0].message
    assert len(path.with_name("warehouse.duckdb.damaged").read_bytes()) == len(damaged)


def test_log_of_a_warehouse_that_is_gone_is_not_replayed(gold: GoldFixture) -> None:
    path = gold.settings.warehouse_path
    path.unlink()
    path.with_name(path.name + ".wal").write_bytes(b"of another file")

    build_gold(gold.settings, day("2020-02-29"))

    assert facts(gold) == ["s1", "s2", "s3", "s4"]


def test_warehouse_with_keys_of_another_type_is_built_anew_by_itself(gold: GoldFixture) -> None:
    """Keys were md5 texts once; the build is of one day, and the other days get numbers too."""
    for table in ("gold.fact_session", "intermediate.int_session_totals"):
        gold.change_warehouse(f"alter table {table} alter user_key type varchar using md5(session_id)")
    build_gold(gold.settings, day("2020-02-29"))
    keys = gold.rows("select typeof(user_key), count(*) from gold.fact_session natural join gold.dim_users group by 1")
    assert keys == [("BIGINT", 4)]
