"""One day with the other object store, which OBJECT_STORE names: the same settings, the same rows, the same rights."""

from collections.abc import Iterator

import pytest

from tests.containers import PLAIN, Stack, free_ports
from tests.stack.conftest import SCALE, SEED

DAY = "2020-01-01"
FLOW = """
select (select count(*) from lake.deftunes_silver.sessions) as rows,
  (select count(*) from lake.deftunes_silver.quarantine_sessions) as quarantined,
  (select count(*) from gold.fact_session) as gold,
  (select sum(len(session_items)) from read_json('s3://deftunes-landing/api/sessions/*/page-*.json.gz',
    format = 'array', columns = {session_items: 'json[]'})) as landed
"""
ACTS = """
import os
from minio import Minio
key = os.environ["AWS_SECRET_ACCESS_KEY"]
store = Minio(endpoint="object-store:9000", access_key="deftunes", secret_key=key, secure=False)
acts = {
    "make a bucket": lambda: store.make_bucket(bucket_name="stolen"),
    "remove a bucket": lambda: store.remove_bucket(bucket_name="deftunes-landing"),
    "open a bucket to all": lambda: store.set_bucket_policy(bucket_name="deftunes-landing", policy="{}"),
}
for name, act in acts.items():
    try:
        act()
        print(name, "WORKED")
    except Exception as error:
        print(name, getattr(error, "code", ""))
"""


@pytest.fixture(scope="module")
def other() -> Iterator[Stack]:
    """A stack of its own with versitygw, beside that of the other tests; removed in the end, volumes too."""
    own = {
        "COMPOSE_PROJECT_NAME": "deftunes-test-versitygw",
        "SEED": SEED,
        "SCALE": SCALE,
        "SCHEDULE_FROM": "2100-01-01",
    }
    started = Stack({**PLAIN, **own, **free_ports(), "OBJECT_STORE": "versitygw"})
    started.compose("down", "--volumes", "--remove-orphans")
    try:
        started.compose("up", "--detach", "--wait", "--no-build", "airflow_scheduler", timeout_s=600)
        yield started
    finally:
        started.compose("down", "--volumes", "--remove-orphans")


def test_a_day_goes_through_and_nothing_is_lost(other: Stack) -> None:
    for table in ("songs", "users", "sessions", "gold"):
        task = ("deftunes", "task", table, "--from", DAY, "--to", DAY)
        other.compose("exec", "-T", "airflow_scheduler", *task, timeout_s=600)
    [flow] = other.query(FLOW)
    assert flow["landed"] == flow["rows"] + flow["quarantined"] > 0
    assert flow["rows"] == flow["gold"]
    assert "versitygw" in other.compose("images", "object_store")


def test_the_account_of_the_platform_administers_nothing(other: Stack) -> None:
    answers = other.compose("exec", "-T", "catalog", "with-secrets", "python", "-c", ACTS).splitlines()
    assert answers == [f"{act} AccessDenied" for act in ("make a bucket", "remove a bucket", "open a bucket to all")]
