"""The dashboards' parts that need nothing running: when they are refused, what is rendered, what is set."""

import runpy
import stat
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from supervisor.options import ServerOptions  # type: ignore[import-untyped]

from deftunes import target
from deftunes.dashboards import export as dashboards_export
from deftunes.dashboards import service as dashboards
from deftunes.services import passwords, supervision
from deftunes.services.programs import Program
from spark_jobs.problem import Problem

PROJECT = Path(__file__).parents[3]
CONFIG = PROJECT / "superset/superset_config.py"
PASSWORD = "7f3a0c11"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("var/run", "var/logs", "targets", "superset/assets"):
        (tmp_path / folder).mkdir(parents=True)
    for file in (PROJECT / "targets").glob("embedded.*"):
        (tmp_path / "targets" / file.name).write_text(file.read_text())
    return tmp_path


def test_dashboards_are_refused_before_anything_was_published(root: Path) -> None:
    with pytest.raises(Problem, match="Nothing was published yet"):
        dashboards.up(target.load("embedded", root, {}))


def test_dashboards_are_refused_when_superset_is_not_installed(root: Path) -> None:
    serving = root / "var/serving/serving.duckdb"
    serving.parent.mkdir()
    serving.touch()
    with pytest.raises(Problem, match="Superset is not installed"):
        dashboards.up(target.load("embedded", root, {}))


def test_dashboards_join_the_services_once_requested(root: Path) -> None:
    """supervisord's own parser is the judge."""
    one, other = (supervision.configuration(root, (Program(name, ("true",)),), 4321, "p") for name in ("one", "other"))
    supervision.write_configuration(root, one)
    assert programs(root) == ["one"]
    supervision.write_on_request(root, program(root))
    supervision.write_on_request(root, program(root))
    assert programs(root) == ["one", "superset"]
    assert not supervision.write_configuration(root, one)
    assert supervision.write_configuration(root, other)
    assert programs(root) == ["other", "superset"]
    assert stat.S_IMODE(supervision.on_request_file(root).stat().st_mode) == 0o600


def test_program_is_another_when_an_asset_changes(root: Path) -> None:
    before = program(root)
    assert program(root) == before
    (root / "superset/assets/chart.yaml").write_text("slice_name: Revenue\n")
    assert program(root) != before


def test_passwords_of_dashboards_are_added_to_those_that_are_there(root: Path) -> None:
    first, _ = passwords.ensure(root)
    more, are_new = passwords.ensure(root, (*passwords.NAMES, *dashboards.SECRETS))
    assert are_new
    assert first.items() <= more.items()
    assert passwords.ensure(root) == (more, False)


def test_settings_have_no_secret_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    beside_the_settings(monkeypatch)
    monkeypatch.setenv("SUPERSET_DATABASE_URI", "postgresql://superset@127.0.0.1/superset")
    monkeypatch.delenv("SUPERSET_SECRET_KEY", raising=False)
    with pytest.raises(KeyError, match="SUPERSET_SECRET_KEY"):
        runpy.run_path(str(CONFIG))


def test_settings_let_nobody_in_and_load_nothing_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_with(monkeypatch, "one")
    assert (
        settings.items()
        >= {
            "PUBLIC_ROLE_LIKE": None,
            "AUTH_USER_REGISTRATION": False,
            "WTF_CSRF_ENABLED": True,
            "WTF_CSRF_EXEMPT_LIST": ["superset.views.core.log"],
            "TALISMAN_ENABLED": True,
            "RATELIMIT_ENABLED": True,
            "AUTH_RATE_LIMITED": True,
            "ENABLE_PROXY_FIX": False,
            "ENABLE_CORS": False,
            "HTML_SANITIZATION": True,
            "FAB_API_SWAGGER_UI": False,
            "PREVENT_UNSAFE_DB_CONNECTIONS": True,
            "DATA_CACHE_CONFIG": {"CACHE_TYPE": "NullCache"},
        }.items()
    )
    assert "http" not in str(settings["TALISMAN_CONFIG"]["content_security_policy"])
    assert {flag for flag, is_on in settings["FEATURE_FLAGS"].items() if is_on} == {"DASHBOARD_RBAC"}
    assert settings["DB_CONNECTION_MUTATOR"].__name__ == "served_only"
    assert settings["CUSTOM_SECURITY_MANAGER"] is SecurityManager


def test_each_secret_is_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = settings_with(monkeypatch, "one"), settings_with(monkeypatch, "other")
    names = ("SECRET_KEY", "JWT_SECRET_KEY", "GUEST_TOKEN_JWT_SECRET", "GLOBAL_ASYNC_QUERIES_JWT_SECRET")
    assert len({settings[name] for settings in (one, other) for name in names}) == 2 * len(names)


def test_no_secret_is_an_argument_of_the_server(root: Path) -> None:
    served = program(root)
    assert PASSWORD not in " ".join(served.command)
    assert {name for name, value in served.environment.items() if PASSWORD in value} == {
        "SUPERSET_SECRET_KEY", "SUPERSET_DATABASE_URI", "SUPERSET_ADMIN_PASSWORD", "SUPERSET_ANALYST_PASSWORD"
    }  # fmt: skip
    assert served.environment["SUPERSET_BIND"].startswith("127.0.0.1:")


def test_export_compares_charts_by_uuid_and_not_by_number() -> None:
    here, there = dashboard({"a": 1, "b": 2}, [2]), dashboard({"a": 31, "b": 7}, [7])
    assert dashboards_export.with_charts_by_uuid(here) == dashboards_export.with_charts_by_uuid(there)
    assert dashboards_export.with_charts_by_uuid(here) != dashboards_export.with_charts_by_uuid(
        dashboard({"a": 1, "b": 2}, [1])
    )


def dashboard(numbers: dict[str, int], excluded: list[int]) -> dict[str, Any]:
    placed = {f"CHART-{uuid}": {"meta": {"chartId": number, "uuid": uuid}} for uuid, number in numbers.items()}
    filters = [{"name": "Artist", "scope": {"excluded": excluded}}]
    return {"position": placed, "metadata": {"native_filter_configuration": filters}}


class SecurityManager:
    """Stands for ours, which imports Superset."""


def beside_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What superset_config.py imports from its own folder."""
    monkeypatch.syspath_prepend(CONFIG.parent)
    monkeypatch.setitem(sys.modules, "security_manager", types.SimpleNamespace(SecurityManager=SecurityManager))  # type: ignore[arg-type]


def settings_with(monkeypatch: pytest.MonkeyPatch, secret: str) -> dict[str, Any]:
    beside_the_settings(monkeypatch)
    monkeypatch.setenv("SUPERSET_DATABASE_URI", "postgresql://superset@127.0.0.1/superset")
    monkeypatch.setenv("SUPERSET_SECRET_KEY", secret)
    return runpy.run_path(str(CONFIG))


def program(root: Path) -> Program:
    secrets = dict.fromkeys(dashboards.SECRETS, PASSWORD)
    return dashboards.superset_program(root, Path("serving.duckdb"), {"POSTGRES_PORT": 1, "SUPERSET_PORT": 2}, secrets)


def programs(root: Path) -> list[str]:
    options = ServerOptions()
    options.realize(["-c", str(supervision.config_file(root))])
    return sorted(group.name for group in options.process_group_configs)
