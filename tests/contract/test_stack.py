"""docker-compose.yml and services/ hold to their habits. Read as text and YAML: no engine is asked."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deftunes import target

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
ONCE = {name for name, service in SERVICES.items() if service["restart"] == "no"}
DOCKERFILES = sorted((ROOT / "services").glob("*/Dockerfile"))
OURS = "deftunes/"


def each(values: Any) -> list[Any]:
    return list(values or [])


@pytest.mark.parametrize("name", SERVICES)
def test_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])


@pytest.mark.parametrize("name", SERVICES)
def test_service_comes_back_and_says_how_it_is(name: str) -> None:
    service = SERVICES[name]
    if name not in ONCE:
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["interval"] in ("2s", "5s")


@pytest.mark.parametrize("name", SERVICES)
def test_service_waits_for_health_or_success(name: str) -> None:
    for other, wait in (SERVICES[name].get("depends_on") or {}).items():
        expected = "service_completed_successfully" if other in ONCE else "service_healthy"
        assert wait["condition"] == expected, other


def test_each_one_shot_is_awaited() -> None:
    """`up --wait` takes the end of a container that nobody awaits for a failure."""
    assert {
        other
        for service in SERVICES.values()
        for other, wait in (service.get("depends_on") or {}).items()
        if wait["condition"] == "service_completed_successfully"
    } == ONCE


@pytest.mark.parametrize("name", [name for name in SERVICES if SERVICES[name].get("ports")])
def test_ports_are_of_this_machine_only_and_may_be_changed(name: str) -> None:
    for port in SERVICES[name]["ports"]:
        assert re.fullmatch(r"127\.0\.0\.1:\$\{[A-Z_]+_PORT:-\d+\}:\d+", port)


def test_makefile_hands_on_what_is_given_and_hides_nothing_of_dotenv() -> None:
    """An empty variable in the environment would win over .env."""
    command = ["make", "--silent", "--eval", "show: ; @env", "show", "SEED=7"]
    environment = {"PATH": os.environ["PATH"]}
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    assert "SEED=7" in said
    assert [line for line in said.splitlines() if line.startswith(("SCALE=", "API_URL=", "SOURCE_DSN="))] == []


def test_what_dotenv_may_say_is_what_the_docs_list() -> None:
    page = (ROOT / "docs/stack.md").read_text(encoding="utf-8")
    [listed] = re.findall(r"^Add to it what you want otherwise:\n(.*?)\n\n", page, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`([A-Z0-9_]+)`", listed)) == set(re.findall(r"\$\{([A-Z0-9_]+):-", TEXT))


@pytest.mark.parametrize(
    "name", ["API_URL", "API_AUTH", "API_TOKEN_URL", "API_SCOPE", "SOURCE_DSN", "S3_ENDPOINT", "CATALOG_URI"]
)
def test_part_of_your_own_reaches_the_tasks(name: str) -> None:
    assert SERVICES["airflow_scheduler"]["environment"][name] == f"${{{name}:-}}"


def test_secret_of_the_api_reaches_the_tasks_as_a_file() -> None:
    """In no environment, which `docker inspect` shows; /dev/null where there is none."""
    scheduler = SERVICES["airflow_scheduler"]
    assert scheduler["secrets"] == ["api_secret"]
    assert scheduler["environment"]["API_SECRET_FILE"] == "/run/secrets/api_secret"
    assert [name for name, service in SERVICES.items() if "API_SECRET" in (service.get("environment") or {})] == []
    assert yaml.safe_load(TEXT)["secrets"] == {"api_secret": {"file": "${API_SECRET_FILE:-/dev/null}"}}


def test_core_needs_nothing_of_the_full_profile() -> None:
    core = {name for name, service in SERVICES.items() if "profiles" not in service}
    assert "airflow_scheduler" not in core
    assert {other for name in core for other in SERVICES[name].get("depends_on") or {}} <= core


@pytest.mark.parametrize("secret", sorted(set(re.findall(r"\$\{(?!\w*_FILE)(\w*(?:PASSWORD|SECRET|KEY)\w*)", TEXT))))
def test_secret_has_no_default_and_is_generated(secret: str, tmp_path: Path) -> None:
    assert f"${{{secret}:?make .env with services/env.sh}}" in TEXT
    assert not re.search(rf"\$\{{{secret}:?-", TEXT)
    for _ in range(2):  # a second time changes nothing
        subprocess.run([str(ROOT / "services/env.sh")], cwd=tmp_path, check=True)
    found = re.findall(rf"^{secret}=(.+)$", (tmp_path / ".env").read_text(), re.MULTILINE)
    assert len(found) == 1
    assert len(found[0]) >= 40
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_two_machines_have_different_secrets(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        subprocess.run([str(ROOT / "services/env.sh")], cwd=tmp_path / name, check=True)
    one, two = ((tmp_path / name / ".env").read_text().splitlines() for name in ("one", "two"))
    assert set(one) & set(two) == {line for line in one if line.startswith("SCHEDULE_FROM=")}


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_dockerfile_builds_with_every_builder_from_one_base(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"^# *syntax=|--mount|<<-?\w", text, re.MULTILINE)
    stages = re.findall(r" AS (\w+)$", text, re.MULTILINE)
    for image in re.findall(r"^FROM (\S+)", text, re.MULTILINE):
        assert image in ("${BASE_IMAGE}", *stages) or image.startswith(OURS)
    assert "ARG BASE_IMAGE=debian:bookworm-slim" in text


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_dockerfile_installs_by_locks_only(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    installs = re.findall(r"(?:pip install|pip sync)[^&\n]*", text)
    assert [line for line in installs if "--require-hashes" not in line] == []


def test_services_answer_where_the_target_says() -> None:
    """targets/compose.env and docker-compose.yml name the same hosts, ports and buckets."""
    values = target.load("compose", ROOT, {}).values
    assert values["API_URL"] == f"http://mock_api:{SERVICES['mock_api']['command'][6]}"
    assert SERVICES["catalog"]["environment"]["CATALOG_REST_PORT"] == int(values["CATALOG_PORT"])
    assert SERVICES["catalog"]["environment"]["CATALOG_WAREHOUSE"] == values["WAREHOUSE_URI"]
    assert SERVICES["catalog"]["environment"]["CATALOG_S3_ENDPOINT"] == f"${{S3_ENDPOINT:-{values['S3_ENDPOINT']}}}"
    aliases = {
        alias
        for service in SERVICES.values()
        for alias in each(((service.get("networks") or {}).get("default") or {}).get("aliases"))
    }
    conf = target.load("compose", ROOT, {}).spark_conf
    named = {values["S3_ENDPOINT"].split("//")[1].split(":")[0], conf["spark.driver.host"]}
    named.add(conf["spark.master"].split("//")[1].split(":")[0])
    assert named <= aliases
    policy = (ROOT / "services/object_store/policy.json").read_text()
    for uri in (values["LANDING_URI"], values["WAREHOUSE_URI"]):
        assert f"arn:aws:s3:::{uri.removeprefix('s3://')}/*" in policy
