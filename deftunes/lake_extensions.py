"""DuckDB's doors to the lake: the extensions avro, httpfs and iceberg, installed from wheels without a download."""

from pathlib import Path

import duckdb
from duckdb_extensions import import_extension  # type: ignore[import-untyped]

NAMES = ("avro", "httpfs", "iceberg")


def install_lake_extensions(directory: Path) -> Path:
    """Put the three extensions where DuckDB looks for them under `directory`; at once when they are there already.

    Returns `directory`, for `extension_directory`. Raises ModuleNotFoundError when a wheel is missing.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"extension_directory": str(directory)}) as connection:
        for name in _missing(connection):
            import_extension(name, con=connection)
    return directory


def _missing(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("select extension_name from duckdb_extensions() where installed").fetchall()
    return [name for name in NAMES if (name,) not in rows]
