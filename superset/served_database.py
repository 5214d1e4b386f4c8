"""The one database that Superset opens, and how: as superset/assets/databases/serving.yaml has it.

Other addresses and settings that come to be stored are refused or replaced here, each time a connection is made; no
page stores any (security_manager.py).

DuckDB opens the published file, then touches no other: `enable_external_access` closes every path but the file's own
and those of its log beside it, so the file system itself is closed once the file is open. Without that, `COPY … TO`
writes over the published file even where it was opened read-only (tests/contract/test_served_database.py).
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.engine import URL, make_url

ASSET = Path(__file__).resolve().parent / "assets/databases/serving.yaml"
CLOSE_THE_FILE_SYSTEM = "set disabled_filesystems = 'LocalFileSystem'"  # cannot be undone in an open database


class AnotherDatabaseError(Exception):
    """Somebody asks Superset to open a database that is not the published one."""


def address(environ: Mapping[str, str]) -> URL:
    """SERVING_URI, with SERVING_PASSWORD if that is set."""
    uri = make_url(environ["SERVING_URI"])
    return uri.set(password=environ["SERVING_PASSWORD"]) if environ.get("SERVING_PASSWORD") else uri


def connect_arguments() -> dict[str, Any]:
    """How DuckDB is opened: `connect_args` of the asset."""
    asset = yaml.safe_load(ASSET.read_text(encoding="utf-8"))
    return dict(asset["extra"]["engine_params"]["connect_args"])


def close_the_file_system(connection: Any, _: Any = None) -> None:
    """For a new connection of SQLAlchemy's pool, or one of DuckDB's own."""
    connection.cursor().execute(CLOSE_THE_FILE_SYSTEM)


def served_only(uri: Any, params: Mapping[str, Any], *_: Any) -> tuple[Any, dict[str, Any]]:
    """Superset's DB_CONNECTION_MUTATOR: (address, settings of the engine). Raises AnotherDatabaseError."""
    if uri != address(os.environ):
        raise AnotherDatabaseError(f"{uri!r} is not what dashboards read: they open SERVING_URI and nothing else")
    settings = {name: params[name] for name in ("poolclass",) if name in params}
    if uri.get_backend_name() == "duckdb":
        settings |= {"connect_args": connect_arguments(), "pool_events": [(close_the_file_system, "connect")]}
    return uri, settings  # elsewhere, as in Redshift, the rights are those of the user in SERVING_URI
