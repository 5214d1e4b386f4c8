"""What Redshift says on AWS, and the way out that a run prints for it."""

from pathlib import Path

import pytest

from deftunes.gold.problem import gold_problem
from deftunes.gold.redshift_advice import ADVICE, advice
from deftunes.gold.result import Finding, GoldError
from deftunes.redshift import build
from spark_jobs.problem import Problem


@pytest.mark.parametrize(
    ("message", "part"),
    [
        (
            'Database Error in model stg_ops__runs: schema "deftunes_ops" does not exist',
            'external_schema["deftunes_ops"]\'',
        ),
        ('relation "deftunes_silver.users" does not exist', "the external schema deftunes_silver is missing"),
        ("External Catalog Error. EntityNotFoundException from glue - Entity Not Found", "refine one first"),
        ("User: arn is not authorized to perform: glue:GetTable on resource", "lacks a permission glue:GetTable:"),
        ("S3ServiceException:Access Denied,Status 403", "lacks a permission: compare"),
        ("Query is cancelled: the usage limit is reached", "warehouse_monthly_rpu_hours"),
        ('password authentication failed for user "deftunes_admin"', "unset REDSHIFT_PASSWORD"),
        ("('communication error', gaierror(-2, 'Name or service not known'))", "outside of the VPC"),
        ("connection time out", "was asleep is up within a minute"),
    ],
)
def test_message_has_its_way_out(message: str, part: str) -> None:
    assert part in (advice(message) or "")


def test_every_advice_is_met_in_a_test() -> None:
    assert len(ADVICE) == 6


def test_an_error_of_a_models_own_has_none() -> None:
    assert advice('column "price" does not exist in fact_session') is None


def test_a_build_that_stopped_for_it_says_so() -> None:
    error = GoldError(
        (Finding("stg_silver__users", "error", 'schema "deftunes_silver" does not exist'),), Path("dbt.log")
    )
    problem = gold_problem(error, is_redshift=True)
    assert problem.where == "stg_silver__users"
    assert "terraform apply -replace=" in problem.way_out
    assert "dbt.log" in problem.way_out


def test_dbt_that_could_not_connect_says_so() -> None:
    problem = gold_problem(GoldError((), Path("dbt.log"), RuntimeError("connection time out")), is_redshift=True)
    assert problem.way_out.startswith("REDSHIFT_HOST did not answer")


def test_duckdb_gets_no_advice_about_redshift() -> None:
    problem = gold_problem(GoldError((), Path("dbt.log"), RuntimeError("connection time out")), is_redshift=False)
    assert problem.way_out.startswith("dbt's own account is dbt.log")


def test_the_job_prints_what_goes_with_its_machine_and_names_its_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log, sql = tmp_path / "dbt.log", tmp_path / "price.sql"
    log.write_text("12 of 40 FAIL price\n")
    sql.write_text("select * from fact_session where price > 2\n")

    def fail(*_: object) -> None:
        raise GoldError((Finding("price", "fail", "3 rows", 3, ("price",), ((9,),), sql),), log)

    monkeypatch.setattr(build, "settings", lambda _: None)
    monkeypatch.setattr("deftunes.gold.build.build_gold", fail)
    with pytest.raises(Problem) as caught:
        build.build({"window": None})
    printed = capsys.readouterr().err
    assert "12 of 40 FAIL price" in printed
    assert "where price > 2" in printed
    assert str(tmp_path) not in str(caught.value)
    assert "in the job's log" in caught.value.way_out
    assert "price=9" in caught.value.value
