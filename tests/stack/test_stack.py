"""Three days by Airflow: the containers hold what the embedded target holds, row by row; again, and with faults."""

import json
import subprocess
import time
from typing import Any

import pytest

from tests.checkout import Checkout
from tests.containers import PATIENCE, Stack, until
from tests.stack.conftest import SCALE, SEED

DAYS = ("2020-01-01", "2020-01-02", "2020-01-03")
TABLES = (
    "lake.deftunes_silver.users",
    "lake.deftunes_silver.sessions",
    "lake.deftunes_silver.songs",
    "gold.fact_session",
    "gold.dim_users",
    "gold.dim_songs",
    "gold.dim_artists",
    "gold.dim_date",
    "bi.daily_sales_vw",
    "bi.sales_per_artist_vw",
    "bi.sales_per_country_vw",
    "bi.user_activity_vw",
    "bi.music_preference_vw",
)
LANDED_ITEMS = """
select sum(len(session_items)) as items from read_json('s3://deftunes-landing/api/sessions/*/page-*.json.gz',
  format = 'array', columns = {session_items: 'json[]'})
"""
SUMS = """
select (select sum(price) from lake.deftunes_silver.sessions) as silver,
  (select sum(price) from gold.fact_session) as gold,
  (select sum(total_sales) from bi.daily_sales_vw) as bi,
  (select count(*) from lake.deftunes_silver.sessions) as rows,
  (select count(*) from lake.deftunes_silver.quarantine_sessions) as quarantined
"""


def rows(ask: Any) -> dict[str, list[str]]:
    """Table -> all of its rows as texts, in an order of their own. One question: a start of the program is dear.

    When a user was landed is the time of the run, and no part of the answer.
    """
    compared = "(select columns(name -> name <> 'landed_at') from {table}) as one"
    each = (
        f"select '{table}' as table_name, to_json(one)::varchar as row from {compared.format(table=table)}"
        for table in TABLES
    )
    found: dict[str, list[str]] = {table: [] for table in TABLES}
    for answer in ask(" union all ".join(each)):
        found[answer["table_name"]].append(answer["row"])
    return {table: sorted(texts) for table, texts in found.items()}


def assert_equal_rows(stack: Stack, embedded: Checkout) -> None:
    here, there = rows(stack.query), rows(embedded.query)
    for table in TABLES:
        assert here[table], table
        assert here[table] == there[table], table


def run_embedded(embedded: Checkout, first: str, last: str) -> None:
    dataset = ("--seed", SEED, "--scale", SCALE)
    window = ("--from", first, "--to", last, "--by-day")
    done = embedded.deftunes("run", *window, *dataset, "--json", timeout_s=300 * PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def loaded(stack: Stack, embedded: Checkout) -> Stack:
    """The stack with three days in it, and the embedded checkout with the same."""
    stack.load(*((day, day) for day in DAYS))
    run_embedded(embedded, DAYS[0], DAYS[-1])
    return stack


def test_rows_are_those_of_the_embedded_target(loaded: Stack, embedded: Checkout) -> None:
    assert_equal_rows(loaded, embedded)


def test_nothing_is_lost_between_landing_and_bi(loaded: Stack) -> None:
    [sums] = loaded.query(SUMS)
    [landed] = loaded.query(LANDED_ITEMS)
    assert landed["items"] == sums["rows"] + sums["quarantined"] > 0
    assert sums["silver"] == sums["gold"] == sums["bi"] > 0


def test_log_of_a_task_says_what_the_command_line_says(loaded: Stack) -> None:
    run = loaded.runs("deftunes_api")[-1]["dag_run_id"]
    log = loaded.log("deftunes_api", run, "sessions")
    assert "land sessions" in log
    assert "16 rules passed" in log


def test_the_same_days_again_change_nothing(loaded: Stack, embedded: Checkout) -> None:
    before = loaded.snapshots()

    loaded.load((DAYS[0], DAYS[-1]))

    assert_equal_rows(loaded, embedded)
    assert loaded.snapshots() == before


def test_the_lake_goes_back_a_day_and_forth_again(loaded: Stack, embedded: Checkout) -> None:
    states = loaded.deftunes("history")
    assert [state["window_to"] for state in states[:3]] == [DAYS[2], DAYS[1], DAYS[0]]
    assert (states[0]["is_current"], states[0]["is_gold"]) == (True, True)
    served = loaded.query("select count(*) as items, sum(price) as sales from gold.fact_session")

    [back] = loaded.deftunes("diff", states[1]["state"], states[0]["state"])["tables"]["sessions"]["by_day"]
    assert (back["day"], back["changed"], back["removed"]) == (DAYS[2], 0, 0)
    loaded.deftunes("rollback", "--to", states[1]["state"])
    assert loaded.query("select max(session_start_time::date) as day from gold.fact_session") == [{"day": DAYS[1]}]
    loaded.deftunes("rollback", "--to", states[0]["state"])

    assert loaded.query("select count(*) as items, sum(price) as sales from gold.fact_session") == served
    assert_equal_rows(loaded, embedded)


@pytest.mark.parametrize(
    ("service", "day"), [("catalog", "2020-01-04"), ("object_store", "2020-01-05"), ("spark_worker", "2020-01-06")]
)
def test_a_run_survives_the_end_of_a_service(loaded: Stack, embedded: Checkout, service: str, day: str) -> None:
    songs = loaded.trigger("deftunes_songs", day, day)
    assert loaded.outcome("deftunes_songs", songs) == "success"
    run = loaded.trigger("deftunes_api", day, day)
    until("sessions are at work", lambda: loaded.tasks("deftunes_api", run)["sessions"]["state"] == "running", 600)
    time.sleep(6)  # into the middle: Spark has started, the task has not ended

    loaded.kill(service)

    assert loaded.outcome("deftunes_api", run) == "success"
    loaded.served_since([run])
    run_embedded(embedded, day, day)
    assert_equal_rows(loaded, embedded)


def test_a_failed_rule_stops_its_task_and_leaves_main_alone(loaded: Stack) -> None:
    day, ours = "2020-01-07", "select count(*) as n, count(song_id) as ids from lake.deftunes_silver.songs"
    before = loaded.query(ours)
    damage = "update deftunes.songs set song_id = 'short' where track_id < (select max(track_id) from deftunes.songs)"
    loaded.compose("exec", "-T", "postgres", "psql", "--quiet", "deftunes", "--command", damage)

    run = loaded.trigger("deftunes_songs", day, day)
    failed = lambda: loaded.tasks("deftunes_songs", run)["songs"]["state"] == "up_for_retry"  # noqa: E731
    until("the first try fails", failed, 300)

    log = loaded.log("deftunes_songs", run, "songs")
    assert "Too many rows of songs" in log
    assert "ColumnLength" in log
    assert loaded.query(ours) == before
    loaded.compose("up", "--detach", "--no-deps", "--no-build", "--force-recreate", "songs")  # the true catalogue
    assert loaded.outcome("deftunes_songs", run) == "success"
    assert loaded.query(ours) == before


def test_data_survive_down_and_up(loaded: Stack, embedded: Checkout) -> None:
    loaded.compose("down")
    loaded.compose("up", "--detach", "--wait", "--no-build", timeout_s=600)
    loaded.sign_in()
    assert_equal_rows(loaded, embedded)


def test_containers_have_no_more_rights_than_they_need(stack: Stack) -> None:
    names = stack.compose("ps", "--quiet").split()
    inspected = subprocess.run(["docker", "inspect", *names], capture_output=True, text=True, check=True).stdout
    for container in json.loads(inspected):
        host, name = container["HostConfig"], container["Name"]
        assert container["Config"]["User"] not in ("", "root", "0"), name
        assert host["ReadonlyRootfs"], name
        assert host["CapDrop"] == ["ALL"], name
        assert host["Memory"] > 0, name
        published = [port for ports in (host["PortBindings"] or {}).values() for port in ports]
        assert {port["HostIp"] for port in published} <= {"127.0.0.1"}, name
