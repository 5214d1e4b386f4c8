"""What Redshift refuses is refused, with the reason and the AWS page; what it runs beside that, runs."""

from pathlib import Path

import pytest
import redshift_connector

from rehearsal.redshift.__main__ import refusals_table
from rehearsal.redshift.refusals import REFUSALS, Refusal
from tests.rehearsal.redshift.fronts import error_fields


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda each: each.what.replace(" ", "_"))
def test_example_is_refused_with_its_reason_and_page(cursor: redshift_connector.Cursor, refusal: Refusal) -> None:
    with pytest.raises(redshift_connector.Error) as caught:
        cursor.execute(refusal.example)
    fields = error_fields(caught.value)
    assert fields["C"] == refusal.code
    assert fields["M"].endswith(refusal.what)
    assert (fields["D"], fields["H"]) == (refusal.reason, f"AWS page {refusal.page}")


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("select listagg(b, ',') within group (order by a desc) from t", [["y,x"]]),
        ("select count(distinct b) from t", [[2]]),
        ("select sum(case when a > 1 then 1 else 0 end) from t", [[1]]),
        ("select generate_series(1, 3)", [[1], [2], [3]]),
        ("select current_schema()", [["own"]]),
        ("select a from t where b = 'string_agg(a)' -- array_agg(b)", []),
        ("select a from t union all select a from t order by a", [[1], [1], [2], [2]]),
        ("select sum(a) over (order by a rows unbounded preceding) from t order by 1", [[1], [3]]),
        ("select row_number() over (order by a desc) from t order by 1", [[1], [2]]),
        (
            "with recursive n (i) as (select 1 union all select i + 1 from n where i < 3) select i from n",
            [[1], [2], [3]],
        ),
        ("select a from (select a, b from t) as inner_t where b in ('x', 'y') order by a", [[1], [2]]),
        ("select nspname from pg_namespace where nspname = 'own'", [["own"]]),
    ],
)
def test_neighbour_of_a_refused_statement_runs(cursor: redshift_connector.Cursor, sql: str, rows: object) -> None:
    cursor.execute(sql)
    assert [list(row) for row in cursor.fetchall()] == rows


def test_refused_statement_ends_its_transaction_and_no_other(cursor: redshift_connector.Cursor) -> None:
    cursor.execute("begin")
    cursor.execute("insert into t values (3, 'z')")
    with pytest.raises(redshift_connector.Error, match="string_agg"):
        cursor.execute("select string_agg(b, ',') from t")
    with pytest.raises(redshift_connector.Error, match="25P02"):
        cursor.execute("select 1")
    cursor.execute("rollback")
    cursor.execute("select count(*) from t")
    assert list(cursor.fetchone()) == [2]


def test_statement_the_front_does_not_know_is_refused(cursor: redshift_connector.Cursor) -> None:
    for sql in (
        "unload ('select 1') to 's3://b' iam_role default",
        "copy t from 's3://b' iam_role default",
        "do $$ $$",
    ):
        with pytest.raises(redshift_connector.Error) as caught:
            cursor.execute(sql)
        assert error_fields(caught.value)["C"] in ("0A000", "42601"), sql


def test_table_of_refusals_can_be_printed() -> None:
    lines = refusals_table().splitlines()
    readme = Path(__file__).parents[3] / "rehearsal/redshift/README.md"
    assert readme.read_text().endswith(refusals_table() + "\n"), (
        "print it anew: python -m rehearsal.redshift --refusals"
    )
    assert len(lines) == len(REFUSALS) + 2
    assert (
        "| string_agg | `select string_agg(b, ',') from t` | use listagg | c_unsupported-postgresql-functions |"
        in lines
    )
