"""Questions to the lake and the star schema, asked in DuckDB."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from deftunes.lake_extensions import install_lake_extensions
from deftunes.target import Target
from spark_jobs.problem import Problem


@contextmanager
def asked(target: Target, root: Path, with_lake: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that sees gold.* and bi.* read-only, and with the services up lake.deftunes_silver.* and _ops.*.

    Raises Problem when nothing was published yet and there is no lake to ask either.
    """
    extensions = install_lake_extensions(root / "var/dbt/duckdb_extensions")
    settings: dict[str, str | bool | int | float | list[str]] = {
        "extension_directory": str(extensions),
        "autoinstall_known_extensions": "false",
    }
    serving = Path(target["SERVING_PATH"])
    if not serving.exists() and not with_lake:
        raise Problem("Nothing was published yet", str(serving), "no such file", "run the pipeline first: make run")
    with duckdb.connect(config=settings) as connection:
        connection.execute("set TimeZone = 'UTC'")
        if with_lake:
            connection.execute("load avro; load httpfs; load iceberg")
            connection.execute(
                f"attach '' as lake (type iceberg, endpoint '{target['CATALOG_URI']}', authorization_type 'none')"
            )
        if serving.exists():
            connection.execute(f"attach '{serving}' as serving (read_only)")
            connection.execute("use serving")
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[list[str], list[tuple[object, ...]]]:
    """Column names and rows. Raises Problem with DuckDB's words when the SQL cannot be run."""
    try:
        answer = connection.execute(sql)
    except duckdb.Error as error:
        raise Problem(
            "The question cannot be answered",
            "SQL",
            str(error).strip(),
            "tables are gold.* and bi.*, and lake.deftunes_silver.* while the services run (make up)",
            "Nothing was changed: questions only read.",
        ) from error
    return [column[0] for column in answer.description or []], answer.fetchall()
