"""dbt inside this process: the project parsed once, then invoked any number of times with other arguments."""

import logging
import threading
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

from dbt.adapters.factory import cleanup_connections, reset_adapters
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.event_manager_client import cleanup_event_logger, get_event_manager
from dbt_common.exceptions import DbtBaseException

from deftunes.gold.profile import profile_folder
from deftunes.gold.result import GoldError
from deftunes.gold.settings import GoldSettings

_one_at_a_time = threading.Lock()


def prepare(settings: GoldSettings) -> None:
    """Make the folders, install the lake's extensions, parse the project: what follows runs warm.

    Raises GoldError when the project or its profile cannot be read.
    """
    settings.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
    settings.log_dir.mkdir(parents=True, exist_ok=True)
    if settings.is_duckdb:
        from deftunes.lake.duckdb_extensions import install_lake_extensions

        install_lake_extensions(settings.extension_directory)
    _manifest(settings)


def run_dbt(settings: GoldSettings, *arguments: str) -> dbtRunnerResult:
    """Invoke dbt on the project, reusing its parse. Failures are in the result; the warehouse is closed again."""
    return _invoke(settings, arguments, _manifest(settings))


@lru_cache(maxsize=4)
def _manifest(settings: GoldSettings) -> Manifest:
    # Parsed without vars: dbt parses all anew when the vars differ from those of the parse it saved.
    outcome = _invoke(settings, ("parse",), None)
    if not isinstance(outcome.result, Manifest):
        raise GoldError((), settings.log_path, outcome.exception)
    return outcome.result


def _invoke(settings: GoldSettings, arguments: tuple[str, ...], manifest: Manifest | None) -> dbtRunnerResult:
    # dbt keeps its flags and its adapters in variables of its modules: two invocations at once would share them.
    with _one_at_a_time:
        try:
            with profile_folder(settings) as profiles_dir:
                # Ours stand before the caller's options: dbt heeds the last of two.
                verb = list(takewhile(lambda word: not word.startswith("-"), arguments))
                common = _common_arguments(settings, profiles_dir)
                return dbtRunner(manifest).invoke([*verb, *common, *arguments[len(verb) :]])
        except DbtBaseException as error:
            return dbtRunnerResult(success=False, exception=error)
        finally:
            # DuckDB holds the file for as long as a connection lives, and the next reader wants it.
            cleanup_connections()  # type: ignore[no-untyped-call]
            if settings.is_duckdb:
                from dbt.adapters.duckdb.connections import DuckDBConnectionManager

                DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
            reset_adapters()  # type: ignore[no-untyped-call]
            _close_log()


def _close_log() -> None:
    # dbt opens its log file anew for each invocation and closes none.
    for logger in get_event_manager().loggers:
        handlers = logging.getLogger(logger.name).handlers
        for handler in [each for each in handlers if isinstance(each, logging.FileHandler)]:
            handlers.remove(handler)
            handler.close()
    cleanup_event_logger()


def _common_arguments(settings: GoldSettings, profiles_dir: Path) -> list[str]:
    return [
        *("--project-dir", str(settings.project_dir), "--profiles-dir", str(profiles_dir)),
        *("--target", settings.target, "--threads", str(settings.threads)),
        *("--target-path", str(settings.state_dir / "target"), "--log-path", str(settings.log_dir)),
        *("--quiet", "--log-level", "none", "--log-level-file", "info", "--no-use-colors-file"),
    ]
