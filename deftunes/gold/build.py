"""Gold: one `dbt build` of the project in dbt/ for one window, or for all of history.

A build runs every model with its data tests, those of the facts on the window alone, so that a day costs the same
however long the history. dbt's unit tests run with the project's own tests.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from dbt.artifacts.schemas.run import RunResult

from deftunes.gold import warehouse_file
from deftunes.gold.dbt_run import prepare, run_dbt
from deftunes.gold.result import Finding, GoldError, GoldResult, Model
from deftunes.gold.settings import GoldSettings

__all__ = ["Finding", "GoldError", "GoldResult", "GoldSettings", "Model", "build_gold", "prepare"]

Window = tuple[date, date]


def build_gold(
    settings: GoldSettings, window: Window | None = None, readings: Mapping[str, str] | None = None
) -> GoldResult:
    """Build and test staging, gold and bi. Without a window, or on an empty warehouse, from all of silver.

    `window` is two inclusive dates: only its rows of fact_session are replaced, and only they are tested against
    silver. `readings`: by silver table, the SQL that reads it in the state to build of (dbt/macros/state.sql); without
    them, silver is read as main holds it. A damaged warehouse file is set aside and built anew, of all of silver; a
    warning says so.
    Raises GoldError when a model or a test fails, or dbt cannot start; ValueError when the window is reversed.
    """
    if window and window[0] > window[1]:
        raise ValueError(f"the window starts on {window[0]}, after its end {window[1]}: swap the two dates")
    started = time.monotonic()
    prepare(settings)
    damage = warehouse_file.set_aside_if_damaged(settings.warehouse_path) if settings.is_duckdb else None
    if damage:
        return _rebuild(settings, readings, damage)
    variables = _vars(window, readings)
    extent = variables if window else [*variables, "--full-refresh"]
    outcome = run_dbt(settings, "build", "--exclude-resource-type", "unit_test", *extent)
    unsent = _send_lineage(settings)
    results: list[RunResult] = list(getattr(outcome.result, "results", ()))
    findings = tuple(
        _finding(settings, variables, each) for each in results if each.status in ("warn", "fail", "error")
    )
    failures = tuple(each for each in findings if each.status != "warn")
    damage = next((each.message for each in failures if warehouse_file.is_damage(each.message)), None)
    if damage and window and settings.is_duckdb:  # a build of all of silver does not read what it finds
        warehouse_file.set_aside(settings.warehouse_path)
        return _rebuild(settings, readings, damage)
    if failures or not outcome.success:
        raise GoldError(failures, settings.log_path, outcome.exception)
    passed = sum(each.status == "pass" for each in results)
    return GoldResult(window, _models(settings, results), passed, (*findings, *unsent), time.monotonic() - started)


def _send_lineage(settings: GoldSettings) -> tuple[Finding, ...]:
    """What hindered the events from being sent, if they were wanted: a build does not fail for it."""
    if not settings.sends_lineage:
        return ()
    from deftunes.lineage import dbt_events  # which is not there where nobody wanted events

    try:
        dbt_events.emit(settings)
    except Exception as error:
        message = f"no OpenLineage events of this build were sent: {type(error).__name__}: {error}"
        return (Finding("lineage", "warn", " ".join(message.split())),)
    return ()


def _rebuild(settings: GoldSettings, readings: Mapping[str, str] | None, damage: str) -> GoldResult:
    path = settings.warehouse_path
    message = f"{path} was damaged and is built anew of all of silver; it stands as {path.name}.damaged: {damage}"
    built = build_gold(settings, None, readings)
    return replace(built, warnings=(Finding("warehouse", "warn", message), *built.warnings))


def document(settings: GoldSettings) -> Path:
    """dbt's documentation of the built warehouse: the page to open. Raises GoldError."""
    prepare(settings)
    outcome = run_dbt(settings, "docs", "generate", "--static")
    if not outcome.success:
        raise GoldError((), settings.log_path, outcome.exception)
    return settings.state_dir / "target/static_index.html"


def _vars(window: Window | None, readings: Mapping[str, str] | None) -> list[str]:
    days = {"window_from": str(window[0]), "window_to": str(window[1])} if window else {}
    return ["--vars", json.dumps({**days, "silver_readings": dict(readings or {})})]


def _finding(settings: GoldSettings, variables: list[str], result: RunResult) -> Finding:
    """What went wrong in one model or test; for a test that found rows, with the first of them."""
    node, status, message = result.node, str(result.status), " ".join((result.message or "").split())
    if status == "error":
        return Finding(node.name, status, message)
    columns, rows = _failing_rows(settings, variables, node.name)
    sql_path = Path(str(getattr(node, "compiled_path", "")))
    return Finding(node.name, status, message, result.failures, columns, rows, sql_path)


def _failing_rows(
    settings: GoldSettings, variables: list[str], test: str
) -> tuple[tuple[str, ...], tuple[tuple[object, ...], ...]]:
    apart = str(settings.state_dir / "show")  # the build's own compiled SQL has no limit, and is to stay
    arguments = ["--select", test, "--limit", "5", "--target-path", apart, *variables]
    outcome = run_dbt(settings, "show", *arguments)
    tables = [each.agate_table for each in getattr(outcome.result, "results", ())]
    return next(((tuple(table.column_names), tuple(map(tuple, table.rows))) for table in tables if table), ((), ()))


def _models(settings: GoldSettings, results: list[RunResult]) -> tuple[Model, ...]:
    rows = _row_counts(settings.warehouse_path) if settings.is_duckdb else {}
    return tuple(
        Model(
            each.node.schema,
            each.node.name,
            rows.get((each.node.schema, each.node.name), _rows_reported(each)),
            each.execution_time,
        )
        for each in results
        if each.node.resource_type.value == "model"
    )


def _rows_reported(result: RunResult) -> int | None:
    """Redshift's driver says -1 of a view."""
    rows = result.adapter_response.get("rows_affected")
    return int(rows) if rows is not None and int(rows) >= 0 else None


def _row_counts(warehouse_path: Path) -> dict[tuple[str, str], int]:
    """Rows of each table by (schema, table). dbt-duckdb does not report them; DuckDB's catalogue holds them."""
    import duckdb  # which is not there where Redshift is the warehouse

    with duckdb.connect(str(warehouse_path), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
        ).fetchall()
        counts = {}
        for schema, name in tables:
            [(rows,)] = connection.execute(f'select count(*) from "{schema}"."{name}"').fetchall()  # noqa: S608
            counts[schema, name] = int(rows)
        return counts
