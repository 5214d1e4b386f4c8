"""Closing and dropping states (spark_jobs/state_names.py), through Iceberg's own client in Spark's JVM.

Through the JVM, not by SQL: a tag is then one request to the catalog, and six tables are tagged in a tenth of a second.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from spark_jobs.lake.tables import SILVER, load_table
from spark_jobs.problem import Problem
from spark_jobs.silver import CLOSING
from spark_jobs.state_names import (
    HALF_DONE,
    KEPT_STATES,
    half_done_problem,
    of_same_run,
    state_name,
    state_names,
)

SIDE_BY_SIDE = 6


def close(spark: SparkSession, run_id: str, tables: Iterable[str]) -> str | None:
    """Keeps what all tables' main branches hold now as a state. Returns its name, of the newest one if that is equal.

    None before CLOSING has published anything. Called by the job that publishes CLOSING, right after it has.
    """
    found = _load_existing(spark, tables)
    closing = found.get(CLOSING)
    if closing is None or closing.currentSnapshot() is None:
        return None
    _together(_begin, found.values())
    known = state_names(closing.refs().keys())
    if known and all(_tagged(table, known[0]) == _current(table) for table in found.values()):
        return known[0]
    name = state_name(datetime.now(UTC), run_id, known[0] if known else None)
    _everywhere(found, lambda table: table.manageSnapshots().createTag(name, _current(table)).commit())
    for earlier in of_same_run(known, run_id, name):
        _drop(found, earlier)
    return name


def newest(spark: SparkSession) -> str | None:
    """The newest state; None on a lake that has none."""
    closing = _load_existing(spark, [CLOSING]).get(CLOSING)
    return next(iter(state_names(closing.refs().keys())), None) if closing is not None else None


def rows(spark: SparkSession, table: str, state: str | None) -> DataFrame:
    """The table's rows in the state; of a table that the state does not have, and without a state, those of main."""
    name = f"{SILVER}.{table}"
    is_known = state and spark.sql(f"select 1 from {name}.refs where name = '{state}'").head()  # noqa: S608  our names
    return spark.sql(f"select * from {name} version as of '{state}'") if is_known else spark.table(name)  # noqa: S608


def drop_old(spark: SparkSession, tables: Iterable[str]) -> int:
    """Drops all but the newest KEPT_STATES, and tags of states that were never closed. Returns how many states went."""
    found = _load_existing(spark, tables)
    if CLOSING not in found:
        return 0
    known = state_names(found[CLOSING].refs().keys())
    for name in known[KEPT_STATES:]:
        _drop(found, name)
    kept = known[:KEPT_STATES]
    for table in found.values():
        for name in state_names(table.refs().keys()):
            if name not in kept and kept and name < kept[0]:
                _remove_tag(table, name)
    return len(known[KEPT_STATES:])


def require_whole(spark: SparkSession) -> None:
    """Raises Problem while a rollback is half done: some tables are at the state it goes back to, some are not yet."""
    if not spark.catalog.tableExists(f"{SILVER}.{CLOSING}"):
        return
    wanted = _load_existing(spark, [CLOSING])[CLOSING].properties().get(HALF_DONE)
    if wanted:
        raise half_done_problem(wanted)


def require_state(spark: SparkSession, tables: Iterable[str]) -> str:
    """The state that main is at: for whoever reads main, as Redshift does, and must not read half of a run.

    Raises Problem while a rollback is half done, and while main is at no state: a run has published only some tables.
    """
    require_whole(spark)
    found = _load_existing(spark, tables)
    current = {name: _current(table) for name, table in found.items() if table.currentSnapshot() is not None}
    known = state_names(found[CLOSING].refs().keys()) if CLOSING in found else []
    for name in known:
        if all(_tagged(found[table], name) == snapshot_id for table, snapshot_id in current.items()):
            return name
    raise Problem(
        "Silver is at no state: a run has published only some of its tables",
        SILVER,
        f"the newest state is {known[0]}" if known else "there is no state yet",
        "let the run that is going end, or run its window again",
        "Nothing was read or written.",
    )


def _load_existing(spark: SparkSession, tables: Iterable[str]) -> dict[str, Any]:
    """Iceberg's tables by name, as the catalog has them now; only those that there are."""
    names = [name for table in tables for name in (table, f"quarantine_{table}")]

    def load(name: str) -> Any:
        return load_table(spark, f"{SILVER}.{name}") if spark.catalog.tableExists(f"{SILVER}.{name}") else None

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return {name: table for name, table in zip(names, pool.map(load, names), strict=True) if table is not None}


def _begin(table: Any) -> None:
    """A table that never held a row gets an empty snapshot, so that a state can name it and a rollback empty it."""
    if table.currentSnapshot() is None:
        table.newAppend().commit()


def _current(table: Any) -> int:
    return int(table.currentSnapshot().snapshotId())


def _tagged(table: Any, name: str) -> int | None:
    ref = table.refs().get(name)
    return int(ref.snapshotId()) if ref is not None else None


def _everywhere(found: dict[str, Any], act: Callable[[Any], None]) -> None:
    """The act on every table, CLOSING last."""
    _together(act, [table for name, table in found.items() if name != CLOSING])
    act(found[CLOSING])


def _drop(found: dict[str, Any], name: str) -> None:
    """CLOSING's tag goes first: from then on the state does not count."""
    _remove_tag(found[CLOSING], name)
    _together(lambda table: _remove_tag(table, name), [table for key, table in found.items() if key != CLOSING])


def _remove_tag(table: Any, name: str) -> None:
    if table.refs().get(name) is not None:
        table.manageSnapshots().removeTag(name).commit()


def _together(act: Callable[[Any], None], tables: Iterable[Any]) -> None:
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        list(pool.map(act, tables))
