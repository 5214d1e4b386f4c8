"""A trial of silver's code: what it makes of the days landed last, while nothing is published."""

from pathlib import Path
from typing import Any

import pytest

from spark_jobs import main
from spark_jobs.silver.transforms import sessions
from tests.integration.spark_jobs.test_refine_sessions import item, seeded_lake, sold  # noqa: F401  the fixture
from tests.spark_session import ROOT

LANDED_AT = "2020-05-03T00:00:00"


def tried(lake, table: str = "sessions", *days: str, rules: Path = ROOT / "quality") -> dict[str, Any]:  # type: ignore[no-untyped-def]
    window = ["--from", days[0], "--to", days[-1]] if days else []
    argv = ["try-silver", "--table", table, *window, "--landing-uri", lake.landing_uri, "--rules-uri", str(rules)]
    return main.run(argv, lambda: lake.spark)


def published(lake) -> list[Any]:  # type: ignore[no-untyped-def]
    tables = ("sessions", "quarantine_sessions")
    refs = [lake.rows(f"select name, snapshot_id from SILVER.{name}.refs order by 1") for name in tables]
    return [*refs, lake.rows("select count(*) from OPS.runs"), lake.rows("select count(*) from OPS.moved_sessions")]


@pytest.fixture(scope="module")
def landed_lake(seeded_lake):  # type: ignore[no-untyped-def]  # noqa: F811
    """The last landing brought two days: a session without items, one whose price is no number, and one twice."""
    seeded_lake.land("sessions", "2020-05-01", [sold("2020-05-01", 1)], landed_at="2020-05-02T00:00:00")
    seeded_lake.refine("sessions", "2020-05-01")
    first = [sold("2020-05-02", 2, item(), item(price=1.9)), sold("2020-05-02", 3, session_items=[])]
    second = [sold("2020-05-03", 4, item(price="dear")), sold("2020-05-03", 5), sold("2020-05-03", 5)]
    seeded_lake.land("sessions", "2020-05-02", first, landed_at=LANDED_AT)
    seeded_lake.land("sessions", "2020-05-03", second, landed_at=LANDED_AT)
    return seeded_lake


def test_trial_shows_the_rows_of_the_last_landing_and_publishes_nothing(landed_lake) -> None:  # type: ignore[no-untyped-def]
    before = published(landed_lake)

    done = tried(landed_lake)

    assert (done.get("from"), done.get("to")) == ("2020-05-02", "2020-05-03"), done
    names = ("landed_records", "duplicate_records", "silver_rows", "quarantined_rows")
    assert [done[name] for name in names] == [5, 1, 3, 2]
    assert [(each["reason"], each["rows"], each["example"]) for each in done["reasons"]] == [
        ("price is no number", 1, "price is no number: dear"),
        ("the session has no items", 1, "the session has no items"),
    ]
    price, day = done["columns"].index("price"), done["columns"].index("ingest_on")
    assert [(row[price], row[day]) for row in done["first_rows"]] == [
        ("1.03", "2020-05-02"),
        ("1.90", "2020-05-02"),
        ("1.03", "2020-05-03"),
    ]
    assert published(landed_lake) == before


def test_trial_says_what_refining_the_same_days_comes_to(landed_lake, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "sessions.dqdl").write_text(
        'Rules = [\n  ColumnValues "price" <= 1.5,\n  ReferentialIntegrity "user_id" "users.user_id" >= 0.95,\n'
        '  RowCountMatch "landed" = 1.0\n]\n'
    )
    options = {"rules_uri": tmp_path, "max_quarantine_share": 0.9, "run_id": "same"}
    done = tried(landed_lake, "sessions", "2020-05-02", "2020-05-03", rules=tmp_path)

    refined = landed_lake.refine("sessions", "2020-05-02", "2020-05-03", **options)

    assert [(each["rule"], each["outcome"], each["failing_rows"]) for each in done["rules"]] == [
        ('ColumnValues "price" <= 1.5', "Failed", 1),
        ('ReferentialIntegrity "user_id" "users.user_id" >= 0.95', "Passed", 0),
        ('RowCountMatch "landed" = 1.0', "Not evaluated", None),
    ]
    figures = ("landed_records", "duplicate_records")
    assert [refined[name] for name in figures] == [done[name] for name in figures]
    assert (refined["silver_rows"], refined["quarantined_rows"]) == (
        done["silver_rows"] - 1,
        done["quarantined_rows"] + 1,
    )


def test_trial_of_a_snapshot_shows_the_catalogue_landed_last(landed_lake) -> None:  # type: ignore[no-untyped-def]
    done = tried(landed_lake, "songs")
    assert (done.get("from"), done.get("silver_rows"), done["columns"][-1]) == ("2019-12-31", 1, "vanished_on"), done


def test_code_that_breaks_is_named_by_its_line(landed_lake, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(sessions, "timestamp", lambda column: column.getField("no_such"))
    problem = tried(landed_lake)["problem"]
    assert problem["what"] == "The code of silver.sessions broke"
    assert "spark_jobs/silver/transforms/sessions.py, line " in problem["where"]
    assert "AnalysisException" in problem["value"]


def test_columns_that_are_not_declared_are_named(landed_lake, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    function = sessions.sessions
    monkeypatch.setattr(
        sessions, "sessions", lambda landed: function(landed).withColumnRenamed("currency", "currency_code")
    )
    problem = tried(landed_lake)["problem"]
    assert problem["value"] == "not declared: currency_code; not returned: currency"


def test_trial_before_anything_was_landed_says_so(landed_lake, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    argv = [
        "try-silver",
        "--table",
        "users",
        "--landing-uri",
        f"file://{tmp_path}",
        "--rules-uri",
        str(ROOT / "quality"),
    ]
    problem = main.run(argv, lambda: landed_lake.spark)["problem"]
    assert problem["what"] == "Nothing of users was landed yet"
    assert problem["way_out"] == "run the pipeline first: make run"
