"""Gold that has to catch up, and what is said of the platform, on the aws target; after the comparisons."""

from datetime import date, timedelta

from rehearsal import jobs, run
from tests.rehearsal.aws.conftest import DATASET, Rehearsal

NEXT = date.fromisoformat(DATASET.last) + timedelta(days=8)  # after the week of the cases
FACTS = "select count(*), sum(price) from gold.fact_session"
SILVER = "select count(*), sum(price) from deftunes_silver.sessions"


def test_day_that_was_refined_and_not_built_is_in_the_next_build(rehearsal: Rehearsal) -> None:
    """As after a run that was stopped between silver and gold: the next build is asked for another day."""
    emulators, day = rehearsal.environment.emulators, {"--from": str(NEXT), "--to": str(NEXT), "--run-id": "stopped"}
    for job, table in (
        ("land-postgres", "songs"), ("land-api", "users"), ("land-api", "sessions"),
        ("refine", "songs"), ("refine", "users"), ("refine", "sessions"),
    ):  # fmt: skip
        assert jobs.run(emulators, f"deftunes-{job}", {**day, "--table": table}).state == "SUCCEEDED", (job, table)
    house = rehearsal.environment.warehouse
    assert house.rows(FACTS) != house.rows(SILVER)
    days = {"--from": DATASET.first, "--to": DATASET.first, "--run-id": "next"}
    assert jobs.run(emulators, "deftunes-build", {**days, "--table": "gold"}).state == "SUCCEEDED"
    assert house.rows(FACTS)[1] == house.rows(SILVER)[1]


def test_status_rules_and_query_answer_of_the_platform(rehearsal: Rehearsal) -> None:
    state = run.command(rehearsal.environment, "status")
    assert {row["job"]: row["state"] for row in state["jobs"]} == dict.fromkeys(
        ("deftunes-land-api", "deftunes-land-postgres", "deftunes-refine", "deftunes-build"), "SUCCEEDED"
    )
    assert {row["table"] for row in state["tables"]} == {"songs", "users", "sessions"}
    assert {row["outcome"] for row in run.command(rehearsal.environment, "rules")} == {"Passed"}
    [answer] = run.command(rehearsal.environment, "query", "select count(*) as n from lake.deftunes_silver.users")
    assert answer["n"] > 0
