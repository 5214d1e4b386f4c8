"""A trial of rules: which rows of the newest state they would break on, while nothing is published."""

from pathlib import Path
from typing import Any

from spark_jobs import main
from tests.integration.spark_jobs.test_refine_sessions import item, seeded_lake, session_id, sold  # noqa: F401  the fixture

RULES = """Rules = [
    ColumnValues "price" <= 1.5,
    ColumnLength "session_id" = 36,
    Completeness "user_agent" > 1.0,
    ReferentialIntegrity "user_id" "users.user_id" >= 0.95,
    RowCountMatch "landed" = 1.0
]
"""


def tried(lake, rules: str, folder: Path, *days: str) -> dict[str, Any]:  # type: ignore[no-untyped-def]
    """The summary of the job, of all days or of those from the first to the last."""
    file = folder / "draft.dqdl"
    file.write_text(rules)
    window = ["--from", days[0], "--to", days[-1]] if days else []
    argv = ["try-rules", "--table", "sessions", *window, "--landing-uri", lake.landing_uri, "--rules-file", str(file)]
    return main.run(argv, lambda: lake.spark)


def test_trial_names_the_failing_rows_of_the_newest_state_and_publishes_nothing(seeded_lake, tmp_path: Path) -> None:  # noqa: F811
    seeded_lake.land("sessions", "2020-04-01", [sold("2020-04-01", 1, item(price=1.6), item(price=1.5))])
    seeded_lake.land("sessions", "2020-04-02", [sold("2020-04-02", 2, item(price=1.9))])
    for day in ("2020-04-01", "2020-04-02"):
        state = seeded_lake.refine("sessions", day, run_id="20200402t120000_aaaa")["lake_state"]
    before = (
        seeded_lake.head("sessions"),
        seeded_lake.rows("select name, snapshot_id from SILVER.sessions.refs order by 1"),
        seeded_lake.rows("select count(*) from OPS.rule_outcomes"),
    )

    done = tried(seeded_lake, RULES, tmp_path)
    outcomes = {rule["rule"]: (rule["outcome"], rule["failing_rows"], rule["first_keys"]) for rule in done["rules"]}
    assert outcomes == {
        'ColumnValues "price" <= 1.5': ("Failed", 2, [f"{session_id(1)}#1", f"{session_id(2)}#1"]),
        'ColumnLength "session_id" = 36': ("Passed", 0, []),
        'Completeness "user_agent" > 1.0': ("Failed", None, []),
        'ReferentialIntegrity "user_id" "users.user_id" >= 0.95': ("Passed", 0, []),
        'RowCountMatch "landed" = 1.0': ("Not evaluated", None, []),
    }
    assert (done["state"], done["evaluated_rows"], done["is_passed"]) == (state, 3, False)
    assert tried(seeded_lake, RULES, tmp_path, "2020-04-02")["rules"][0]["failing_rows"] == 1
    assert before == (
        seeded_lake.head("sessions"),
        seeded_lake.rows("select name, snapshot_id from SILVER.sessions.refs order by 1"),
        seeded_lake.rows("select count(*) from OPS.rule_outcomes"),
    )


def test_trial_of_rules_that_cannot_be_evaluated_says_where(seeded_lake, tmp_path: Path) -> None:  # noqa: F811
    wrong = tried(seeded_lake, 'Rules = [\n  IsComplete "colour"\n]', tmp_path)["problem"]
    assert (wrong["what"], wrong["where"]) == (
        "The rule names a column the table has not",
        f"{tmp_path}/draft.dqdl, line 2",
    )
    assert "no rows" in tried(seeded_lake, RULES, tmp_path, "2031-01-01")["problem"]["what"]
