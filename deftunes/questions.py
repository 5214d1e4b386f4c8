"""Questions to the lake and the star schema, asked in DuckDB."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

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
            if target["WAREHOUSE_URI"].startswith("s3://"):
                connection.execute(store_secret(target["S3_ENDPOINT"], os.environ))
            connection.execute(
                f"attach '' as lake (type iceberg, endpoint '{target['CATALOG_URI']}', authorization_type 'none')"
            )
        if serving.exists():
            connection.execute(f"attach '{serving}' as serving (read_only)")
            connection.execute("use serving")
        yield connection


def store_secret(endpoint: str, environ: Mapping[str, str]) -> str:
    """The statement that lets a connection into the object store, by the account in the environment."""
    address = urlsplit(endpoint)
    options = {
        "key_id": environ.get("AWS_ACCESS_KEY_ID", ""),
        "secret": environ.get("AWS_SECRET_ACCESS_KEY", ""),
        "region": environ.get("AWS_REGION", ""),
        "endpoint": address.netloc,
        "url_style": "path",
    }
    said = ", ".join(f"{name} '{value.replace(chr(39), chr(39) * 2)}'" for name, value in options.items())
    return f"create secret (type s3, {said}, use_ssl {address.scheme == 'https'})"


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[list[str], list[tuple[object, ...]]]:
    """Column names and rows. Raises Problem with DuckDB's words when the SQL cannot be run."""
    try:
        answer = connection.execute(sql)
    except duckdb.Error as error:
        raise Problem(
            "The question cannot be answered",
            "SQL",
            str(error).strip(),
            "tables are gold.* and bi.*, and lake.deftunes_silver.* while the services run (make services)",
            "Nothing was changed: questions only read.",
        ) from error
    return [column[0] for column in answer.description or []], answer.fetchall()
