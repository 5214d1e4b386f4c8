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
    extensions, serving = _prepare(target, root, with_lake)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "extension_directory": str(extensions),
        "autoinstall_known_extensions": "false",
    }
    with duckdb.connect(config=settings) as connection:
        for statement in _lake_statements(target) if with_lake else ["set TimeZone = 'UTC'"]:
            connection.execute(statement)
        if serving.exists():
            _attach_served(connection, serving)
        yield connection


def shell_script(target: Target, root: Path, with_lake: bool) -> str:
    """What DuckDB's own shell runs first: the same attachments, to read only.

    Raises Problem as connect does. The text holds the catalog's token.
    """
    extensions, serving = _prepare(target, root, with_lake)
    statements = (
        f"set extension_directory = '{extensions}'",
        "set autoinstall_known_extensions = false",
        *(_lake_statements(target) if with_lake else ["set TimeZone = 'UTC'"]),
        *(_serving_statements(serving) if serving.exists() else ()),
    )
    silent, loud = ".output /dev/null\n", ".output\n"
    return "".join((silent, *(f"{statement};\n" for statement in statements), loud))


def _prepare(target: Target, root: Path, with_lake: bool) -> tuple[Path, Path]:
    """The folder of the extensions and the served file. Raises Problem when there is neither file nor lake."""
    serving = Path(target["SERVING_PATH"])
    if not serving.exists() and not with_lake:
        raise Problem("Nothing was published yet", str(serving), "no such file", "run the pipeline first: make run")
    return install_lake_extensions(root / "var/dbt/duckdb_extensions"), serving


def _lake_statements(target: Target) -> list[str]:
    is_store = target["WAREHOUSE_URI"].startswith("s3://")
    store = [store_secret(target["S3_ENDPOINT"], os.environ)] if is_store else []
    return ["set TimeZone = 'UTC'", "load avro", "load httpfs", "load iceberg", *store, *attach_statements(target)]


def _serving_statements(serving: Path) -> list[str]:
    return [f"attach '{serving}' as serving (read_only)", "use serving"]


def _attach_served(connection: duckdb.DuckDBPyConnection, serving: Path) -> None:
    try:
        for statement in _serving_statements(serving):
            connection.execute(statement)
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
