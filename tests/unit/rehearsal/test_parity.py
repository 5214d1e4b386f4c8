"""Parity goes red for a changed cell, a missing row, a changed type, and for nothing that only looks different."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from rehearsal.parity import report
from rehearsal.parity.compare import Comparison, canonical, compare
from rehearsal.parity.tables import TABLES, Content, Table
from rehearsal.parity.types import common

SALES = Table("silver", "sessions", ("session_id", "item_number"), {"run_id": "each side has its own"})
TYPES = {"session_id": "VARCHAR", "item_number": "INTEGER", "price": "DECIMAL(10,2)", "run_id": "VARCHAR"}
ON_AWS = {"session_id": "string", "item_number": "int", "price": "decimal(10, 2)", "run_id": "string"}
ROWS = [("a", 1, Decimal("0.99"), "one"), ("a", 2, Decimal("1.10"), "one"), ("b", 1, None, "one")]


def against(rows: list[tuple[object, ...]], types: dict[str, str] = ON_AWS) -> Comparison:
    return compare(SALES, Content(TYPES, ROWS), Content(types, rows))


def test_equal_when_rows_come_in_another_order_with_other_names_of_types() -> None:
    others = [(*row[:3], "other") for row in reversed(ROWS)]
    assert against(others).is_equal
    assert against(others).differences == ()


def test_red_when_a_cell_is_changed() -> None:
    comparison = against([("a", 1, Decimal("0.98"), "one"), *ROWS[1:]])
    assert not comparison.is_equal
    assert [each.name for each in comparison.columns if not each.is_equal] == ["price"]
    assert comparison.differences == ("a 1: price is '0.99' and '0.98'",)


def test_red_when_null_becomes_an_empty_text() -> None:
    assert not against([*ROWS[:2], ("b", 1, "", "one")]).is_equal


def test_red_when_a_row_is_missing_or_one_too_many() -> None:
    assert against(list(ROWS[:2])).differences == ("b 1: on the left only",)
    assert not against(list(ROWS[:2])).is_equal
    assert against([*ROWS, ("c", 1, None, "one")]).differences == ("c 1: on the right only",)
    doubled = against([*ROWS, ROWS[0]])
    assert not doubled.is_equal
    assert "share their key" in doubled.differences[0]


def test_rows_of_one_key_are_numbered_in_their_order() -> None:
    """A window that was run twice has two rows of what came of it; each is compared with the other side's."""
    table = Table("ops", "runs", ("table_name",), {"at": "the time of the run"}, "at")
    types = {"table_name": "VARCHAR", "state": "VARCHAR", "at": "TIMESTAMP"}
    here = [("users", "passed", datetime(2020, 1, 1)), ("users", "failed", datetime(2020, 1, 2))]
    there = [("users", "failed", datetime(2021, 1, 2)), ("users", "passed", datetime(2021, 1, 1))]
    assert compare(table, Content(types, here), Content(types, there)).is_equal
    swapped = [("users", "passed", datetime(2021, 1, 2)), ("users", "failed", datetime(2021, 1, 1))]
    assert compare(table, Content(types, here), Content(types, swapped)).differences == (
        "users 1: state is 'passed' and 'failed'",
        "users 2: state is 'failed' and 'passed'",
    )


@pytest.mark.parametrize(("rule", "is_equal"), [("RowCount > 1", True), ("RowCount > 2", False)])
def test_problem_of_a_rule_is_the_same_wherever_the_rules_stand(rule: str, is_equal: bool) -> None:
    [runs] = [table for table in TABLES if table.name == "runs"]
    types = {"table_name": "VARCHAR", "window_from": "DATE", "started_at": "TIMESTAMP", "detail": "VARCHAR"}
    failed = "1 of the rules of sessions failed. Where: {}quality/sessions.dqdl: {}. See the rows: at (version => {})"
    start = ("sessions", date(2020, 1, 1), datetime(2020, 1, 2))
    here = [(*start, failed.format("", "RowCount > 1", 17))]
    there = [(*start, failed.format("s3://deftunes-code-123456789012/jobs/", rule, 4))]
    assert compare(runs, Content(types, here), Content(types, there)).is_equal == is_equal


def test_red_when_values_are_swapped_between_rows() -> None:
    swapped = [("a", 1, Decimal("1.10"), "one"), ("a", 2, Decimal("0.99"), "one"), ROWS[2]]
    assert [each.name for each in against(swapped).columns if not each.is_equal] == ["price"]


@pytest.mark.parametrize("changed", ["decimal(12, 2)", "double"])
def test_red_when_a_type_is_changed(changed: str) -> None:
    comparison = against(list(ROWS), {**ON_AWS, "price": changed})
    assert not comparison.is_equal
    assert [each.name for each in comparison.columns if not each.has_equal_type] == ["price"]


def test_red_when_a_column_is_missing() -> None:
    fewer = compare(SALES, Content(TYPES, ROWS), Content({"session_id": "string"}, [(row[0],) for row in ROWS]))
    assert not fewer.is_equal


def test_types_have_one_name_on_all_sides() -> None:
    assert common("character varying(65535)") == common("VARCHAR") == common("string") == "text"
    assert common("numeric(10,2)") == common("DECIMAL(10,2)") == common("decimal(10, 2)")
    assert common("timestamptz") == common("TIMESTAMP WITH TIME ZONE") != common("timestamp")
    assert common("bigint") != common("integer")


def test_values_are_equal_by_what_they_mean() -> None:
    noon = datetime(2020, 1, 1, 12, tzinfo=UTC)
    assert canonical(noon) == canonical(noon.astimezone(timezone(timedelta(hours=2))))
    assert canonical(noon) == canonical(noon.replace(tzinfo=None))
    assert canonical(Decimal("1.10")) == canonical(Decimal("1.1")) != canonical(Decimal("1.11"))
    assert canonical(True) != canonical(1)
    assert canonical(None) != canonical("")


def test_report_names_what_differs_and_what_is_excused(tmp_path: Path) -> None:
    comparison = [against([("a", 1, Decimal("0.98"), "one"), *ROWS[1:]])]
    report.write(comparison, report.Conditions("embedded", "rehearsal", "2020-01-01", "2020-01-03", 42, 0.05), tmp_path)
    page = (tmp_path / "parity.md").read_text()
    assert "| silver | sessions | 3 | 3 | 2 of 3 | 4 of 4 | **differs** |" in page
    assert "a 1: price is '0.99' and '0.98'" in page
    assert "| sessions | run_id | each side has its own |" in page


def test_report_names_the_cases_and_where_they_differ(tmp_path: Path) -> None:
    cases = [report.Case("late user", "It is late.", ()), report.Case("failed rule", "It fails.", ("gold differs",))]
    conditions = report.Conditions("embedded", "rehearsal", "2020-01-01", "2020-01-03", 42, 0.05)
    report.write([against(list(ROWS))], conditions, tmp_path, cases=cases)
    page = (tmp_path / "parity.md").read_text()
    assert "| late user | It is late. | equal |" in page
    assert "| failed rule | It fails. | **differs** |" in page
    assert "- failed rule: gold differs" in page


def test_every_table_can_be_written_as_json(tmp_path: Path) -> None:
    compared = [compare(table, Content({}, []), Content({}, [])) for table in TABLES]
    conditions = report.Conditions("embedded", "rehearsal", "2020-01-01", "2020-01-03", 42, 0.05)
    report.write(compared, conditions, tmp_path)
    assert len(json.loads((tmp_path / "parity.json").read_text())["tables"]) == len(TABLES)
