"""Questions to the lake and the star schema, asked in DuckDB."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from deftunes.gold.warehouse_file import is_damage
from deftunes.lake.catalog import attach_statements
from deftunes.lake.duckdb_extensions import install_lake_extensions
from deftunes.target import Target
from spark_jobs.problem import Problem

UNCHANGED = "Nothing was changed: questions only read."


@contextmanager
def connect(target: Target, root: Path, with_lake: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that sees gold.* and bi.* read-only, and with the services up lake.deftunes_silver.* and _ops.*.

    Raises Problem when nothing was published yet and there is no lake to ask either, or what was is damaged.
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
            for statement in attach_statements(target):
                connection.execute(statement)
        if serving.exists():
            _attach_served(connection, serving)
        yield connection


def _attach_served(connection: duckdb.DuckDBPyConnection, serving: Path) -> None:
    try:
        connection.execute(f"attach '{serving}' as serving (read_only)")
        connection.execute("use serving")
    except duckdb.Error as error:
        if not is_damage(str(error)):
            raise
        raise Problem(
            "The published file is damaged",
            str(serving),
            str(error),
            "run any window again, which publishes it anew: make run FROM=… TO=…",
            UNCHANGED,
        ) from error


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
    listed = ", ".join(f"{name} '{value.replace(chr(39), chr(39) * 2)}'" for name, value in options.items())
    return f"create secret (type s3, {listed}, use_ssl {address.scheme == 'https'})"


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[list[str], list[tuple[object, ...]]]:
    """Column names, no two alike, and rows of one question. Raises Problem when it cannot be answered.

    Raises Problem too for what is no question: COPY, ATTACH, SET and the like could write files and tables.
    """
    try:
        _check_is_question(duckdb.extract_statements(sql))
        answer = connection.execute(sql)
        names = [column[0] for column in answer.description or []]
        return _distinct(names), answer.fetchall()
    except duckdb.Error as error:
        raise Problem(
            "The question cannot be answered",
            "SQL",
            str(error).strip(),
            "tables are gold.* and bi.*; with the services up (make services) lake.deftunes_silver.*, with all columns",
            UNCHANGED,
        ) from error


def _check_is_question(statements: list[duckdb.Statement]) -> None:
    """Raises Problem unless this is one question. DuckDB makes PIVOT two statements, the first of which has no text."""
    written = [each for each in statements if each.query or each.type != duckdb.StatementType.CREATE]
    kinds = [each.type for each in written]
    if kinds == [duckdb.StatementType.SELECT]:
        return
    if kinds == [duckdb.StatementType.EXPLAIN] and not _is_executed(written[0].query):
        return
    listed = "; ".join(each.query.strip()[:80] for each in written) or "nothing"
    raise Problem(
        "This is not one question",
        "SQL",
        listed,
        "write one select, from, values, with, describe, show, summarize or explain",
        UNCHANGED,
    )


def _is_executed(explained: str) -> bool:
    """Whether an explain does what it explains: explain analyze, or any of its options in parentheses."""
    text, tokens = explained.encode(), duckdb.tokenize(explained)  # which counts in bytes, and leaves comments out
    return len(tokens) > 1 and re.match(rb"analy[sz]e\b|\(", text[tokens[1][0] :], re.IGNORECASE) is not None


def _distinct(names: list[str]) -> list[str]:
    """The names in their order; one that was there already gets a number: a, a_2."""
    found: list[str] = []
    for name in names:
        number, candidate = 1, name
        while candidate in found:
            number += 1
            candidate = f"{name}_{number}"
        found.append(candidate)
    return found
