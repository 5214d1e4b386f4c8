"""What the target of containers adds: tasks by table, a target by name, a door to the object store, a lock a table."""

from pathlib import Path

import duckdb
import pytest

from deftunes import target
from deftunes.lake import queries
from deftunes.run import steps
from deftunes.system import lock
from spark_jobs.silver import CLOSING, TABLES

ROOT = Path(__file__).parents[3]


def test_steps_of_a_table_are_its_own_in_their_order() -> None:
    assert [step.name for step in steps.steps_of("users")] == ["land users", "refine users"]
    assert [step.name for step in steps.steps_of("gold")] == ["build gold", "publish gold"]


def test_tables_before_are_those_of_the_steps_waited_for() -> None:
    assert steps.tables_before("songs") == ()
    assert steps.tables_before("sessions") == ("songs", "users")
    assert steps.tables_before("gold") == ("sessions",)


def test_table_that_closes_a_run_is_published_after_all_others() -> None:
    [closing] = [step for step in steps.STEPS if step.name == f"refine {CLOSING}"]
    assert set(closing.references) == {f"refine {name}" for name in TABLES if name != CLOSING}
    assert steps.SERVING[0].after == (closing.name,)


def test_every_table_is_landed_and_refined() -> None:
    for verb in ("land", "refine"):
        assert [step.table for step in steps.STEPS if step.verb == verb] == list(TABLES)


def test_each_table_belongs_to_one_dag() -> None:
    for table in {step.table for step in steps.STEPS}:
        assert {step.dag for step in steps.steps_of(table)} == {steps.dag_of(table)}


def test_maintenance_is_about_every_silver_table_and_those_about_runs() -> None:
    assert [step.table for step in steps.MAINTENANCE] == [*TABLES, "ops"]


def test_old_states_are_dropped_before_other_tables_expire_what_only_those_held() -> None:
    """Else the snapshots of users were there until the maintenance after: 174 of 176 were left."""
    after = {step.table: step.after for step in steps.MAINTENANCE}
    assert after == {**dict.fromkeys([*TABLES, "ops"], (f"maintain {CLOSING}",)), CLOSING: ()}


def test_target_is_the_embedded_one_unless_named() -> None:
    assert target.current(ROOT, {}).name == "embedded"
    assert target.current(ROOT, {"DEFTUNES_TARGET": "compose"})["LANDING_URI"] == "s3://deftunes-landing"


def test_secret_lets_duckdb_ask_the_store_of_the_target() -> None:
    account = {"AWS_ACCESS_KEY_ID": "a'b", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "us-east-1"}
    statement = queries.store_secret("http://object-store:9000", account)
    assert "key_id 'a''b'" in statement
    assert "endpoint 'object-store:9000'" in statement
    assert statement.endswith("use_ssl False)")
    duckdb.extract_statements(statement)  # raises when it is no SQL


def test_lock_of_one_table_leaves_the_others_free(tmp_path: Path) -> None:
    with lock.run_lock(tmp_path, "users"):
        with lock.run_lock(tmp_path, "songs"):
            pass
        with pytest.raises(lock.AnotherRunError), lock.run_lock(tmp_path, "users"):
            pass
