"""The dashboards' parts that need nothing running: when they are refused, what is rendered, what is set."""

import runpy
import stat
from pathlib import Path
from typing import Any

import pytest
from supervisor.options import ServerOptions  # type: ignore[import-untyped]

from deftunes import dashboards, dashboards_export, passwords, supervision, target
from deftunes.programs import Program
from spark_jobs.problem import Problem

PROJECT = Path(__file__).parents[3]
CONFIG = PROJECT / "superset/superset_config.py"


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


def test_dashboards_join_the_services_once_asked_for(root: Path) -> None:
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
    monkeypatch.setenv("SUPERSET_DATABASE_URI", "postgresql://superset@127.0.0.1/superset")
    monkeypatch.delenv("SUPERSET_SECRET_KEY", raising=False)
    with pytest.raises(KeyError, match="SUPERSET_SECRET_KEY"):
        runpy.run_path(str(CONFIG))


def test_settings_let_nobody_in_and_load_nothing_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_with(monkeypatch, "one")
    assert (settings["PUBLIC_ROLE_LIKE"], settings["WTF_CSRF_ENABLED"], settings["TALISMAN_ENABLED"]) == (
        None,
        True,
        True,
    )
    assert "http" not in str(settings["TALISMAN_CONFIG"]["content_security_policy"])
    assert settings["DATA_CACHE_CONFIG"] == {"CACHE_TYPE": "NullCache"}
    assert settings["GUEST_TOKEN_JWT_SECRET"] != settings_with(monkeypatch, "other")["GUEST_TOKEN_JWT_SECRET"]


def test_export_compares_charts_by_uuid_and_not_by_number() -> None:
    here, there = dashboard({"a": 1, "b": 2}, [2]), dashboard({"a": 31, "b": 7}, [7])
    assert dashboards_export.unnumbered(here) == dashboards_export.unnumbered(there)
    assert dashboards_export.unnumbered(here) != dashboards_export.unnumbered(dashboard({"a": 1, "b": 2}, [1]))


def dashboard(numbers: dict[str, int], excluded: list[int]) -> dict[str, Any]:
    placed = {f"CHART-{uuid}": {"meta": {"chartId": number, "uuid": uuid}} for uuid, number in numbers.items()}
    filters = [{"name": "Artist", "scope": {"excluded": excluded}}]
    return {"position": placed, "metadata": {"native_filter_configuration": filters}}


def settings_with(monkeypatch: pytest.MonkeyPatch, secret: str) -> dict[str, Any]:
    monkeypatch.setenv("SUPERSET_DATABASE_URI", "postgresql://superset@127.0.0.1/superset")
    monkeypatch.setenv("SUPERSET_SECRET_KEY", secret)
    return runpy.run_path(str(CONFIG))


def program(root: Path) -> Program:
    secrets = dict.fromkeys(dashboards.SECRETS, "secret")
    return dashboards.superset_program(root, Path("serving.duckdb"), {"POSTGRES_PORT": 1, "SUPERSET_PORT": 2}, secrets)


def programs(root: Path) -> list[str]:
    options = ServerOptions()
    options.realize(["-c", str(supervision.config_file(root))])
    return sorted(group.name for group in options.process_group_configs)
