"""docker-compose.yml and services/ hold to their habits. Read as text and YAML: no engine is asked."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deftunes import target
from deftunes.services import object_store

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
MADE_SECRETS = sorted(name for name in COMPOSE["secrets"] if name.isupper())  # the others are files of the user's
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
    assert 0 < service["pids_limit"] <= 2048


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
    configuration = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert "SEED=7" in configuration
    assert [line for line in configuration.splitlines() if line.startswith(("SCALE=", "API_URL=", "SOURCE_DSN="))] == []


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
    assert "api_secret" in scheduler["secrets"]
    assert scheduler["environment"]["API_SECRET_FILE"] == "/run/secrets/api_secret"
    assert [name for name, service in SERVICES.items() if "API_SECRET" in (service.get("environment") or {})] == []
    assert yaml.safe_load(TEXT)["secrets"]["api_secret"] == {"file": "${API_SECRET_FILE:-/dev/null}"}


def test_core_needs_nothing_of_the_full_profile() -> None:
    core = {name for name, service in SERVICES.items() if "profiles" not in service}
    assert "airflow_scheduler" not in core
    assert {other for name in core for other in SERVICES[name].get("depends_on") or {}} <= core


def networks(name: str) -> set[str]:
    return set(SERVICES[name]["networks"])


def secret_names(service: dict[str, Any]) -> dict[str, str]:
    """File under /run/secrets -> name of the secret."""
    listed = [each if isinstance(each, dict) else {"source": each} for each in service.get("secrets", [])]
    return {each.get("target", each["source"]): each["source"] for each in listed}


def test_what_people_touch_does_not_meet_what_holds_the_keys() -> None:
    """PostgreSQL is met by all, and lets nobody into another's database; the scheduler's page is the API server's."""
    keys = {"object_store", "catalog", "spark_master", "spark_worker"}
    for page in (
        "superset",
        "prometheus",
        "airflow_api_server",
        "airflow_dag_processor",
        "airflow_migrate",
        "mock_api",
        "songs",
    ):
        met = {name for name in keys if networks(name) & networks(page)}
        assert met <= ({"spark_worker"} if page in ("mock_api", "songs") else set()), page
    assert networks("superset") == {"dashboards"}
    assert {name for name in SERVICES if "dashboards" in networks(name)} == {"superset", "postgres"}
    assert {name for name in SERVICES if not SERVICES[name].get("networks")} == set()


def test_a_role_enters_the_database_of_its_name_only() -> None:
    written = re.search(r"^printf .*pg_hba.conf\"$", (ROOT / "services/postgres/start.sh").read_text(), re.MULTILINE)
    assert written is not None
    rules = re.findall(r"'((?:local|host) [^']+)'", written[0])
    assert rules == ["local all postgres peer", "host all postgres all reject", "host sameuser all all scram-sha-256"]


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_stands_in_what_docker_inspect_shows(name: str) -> None:
    shown = {**(SERVICES[name].get("environment") or {}), "command": SERVICES[name].get("command")}
    for secret in MADE_SECRETS:
        assert f"${{{secret}" not in str(shown), secret
    words = re.compile(r"(PASSWORD|SECRET|TOKEN|_KEY)$")
    assert [key for key in shown if words.search(key)] == []


def test_each_secret_is_a_file_that_somebody_reads() -> None:
    given = {secret for service in SERVICES.values() for secret in secret_names(service).values()}
    assert given == {*MADE_SECRETS, "api_secret"} == set(COMPOSE["secrets"])
    assert {name: COMPOSE["secrets"][name] for name in MADE_SECRETS} == {
        name: {"file": f".secrets/{name}"} for name in MADE_SECRETS
    }


def test_tokens_and_sessions_of_airflow_are_signed_with_different_secrets() -> None:
    files = secret_names(SERVICES["airflow_api_server"])
    assert files["AIRFLOW__API_AUTH__JWT_SECRET"] != files["AIRFLOW__API__SECRET_KEY"]


def test_only_who_needs_the_keys_of_the_store_has_them() -> None:
    with_key = {name for name, service in SERVICES.items() if "S3_SECRET_KEY" in secret_names(service).values()}
    assert with_key == {"object_store", "buckets", "catalog", "spark_worker", "airflow_scheduler", "metrics"}
    with_admin = {
        name for name, service in SERVICES.items() if "OBJECT_STORE_PASSWORD" in secret_names(service).values()
    }
    assert with_admin == {"object_store", "buckets"}


def test_sparks_page_ends_nothing_and_its_daemons_ask_for_the_secret() -> None:
    text = (ROOT / "services/lake/spark.sh").read_text()
    assert "-Dspark.ui.killEnabled=false" in text
    assert "-Dspark.authenticate=true" in text
    assert target.load("compose", ROOT, {}).spark_conf["spark.authenticate"] == "true"
    for name in ("spark_master", "spark_worker", "airflow_scheduler"):
        assert secret_names(SERVICES[name])["_SPARK_AUTH_SECRET"] == "SPARK_SECRET"


def make_secrets(folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], **environ}
    return subprocess.run(
        [str(ROOT / "services/env.sh")], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("secret", MADE_SECRETS)
def test_secret_is_generated_once_for_its_owner_only(secret: str, tmp_path: Path) -> None:
    """The folder is 0700; a file in it is readable, for a container's user is another one than its owner."""
    texts = []
    for _ in range(2):  # a second time changes nothing
        assert make_secrets(tmp_path).returncode == 0
        texts.append(((tmp_path / ".secrets" / secret).read_text(), (tmp_path / ".env").read_text()))
    assert texts[0] == texts[1]
    assert len(texts[0][0].strip()) >= 40
    assert secret not in texts[0][1]
    assert (tmp_path / ".secrets").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / ".secrets" / secret).stat().st_mode & 0o777 == 0o444
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_secrets_of_an_older_checkout_move_out_of_dotenv(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SOURCE_PASSWORD=known\nAIRFLOW_PORT=18080\nS3_SECRET_KEY='quoted'\n")
    assert make_secrets(tmp_path).returncode == 0
    assert (tmp_path / ".secrets/SOURCE_PASSWORD").read_text() == "known\n"
    assert (tmp_path / ".secrets/S3_SECRET_KEY").read_text() == "quoted\n"
    left = (tmp_path / ".env").read_text()
    assert "AIRFLOW_PORT=18080" in left
    assert "known" not in left


def test_a_changed_secret_makes_containers_anew(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    env = tmp_path / ".env"
    env.write_text(re.sub("SECRETS_SINCE=.*", "SECRETS_SINCE=before", env.read_text()) + "CATALOG_TOKEN=mine\n")
    make_secrets(tmp_path)
    assert "SECRETS_SINCE=before" not in env.read_text()
    assert all("SECRETS_SINCE" in service["labels"]["deftunes.secrets"] for service in SERVICES.values())


def test_dotenv_is_read_and_never_executed(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("AIRFLOW_PORT=$(touch ran)\ntouch ran\nX=`touch ran`\n")
    assert make_secrets(tmp_path).returncode == 0
    subprocess.run([str(ROOT / "services/addresses.sh"), "full"], cwd=tmp_path, check=True, capture_output=True)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("place", ["environment", "dotenv"])
def test_a_password_in_the_address_of_the_source_is_refused_and_not_repeated(place: str, tmp_path: Path) -> None:
    address = "postgresql://me:hidden@there:5432/songs"
    if place == "dotenv":
        (tmp_path / ".env").write_text(f"SOURCE_DSN={address}\n")
    done = make_secrets(tmp_path, **({"SOURCE_DSN": address} if place == "environment" else {}))
    assert done.returncode != 0
    assert "SOURCE_PASSWORD" in done.stderr
    assert "hidden" not in done.stdout + done.stderr


def test_two_machines_have_different_secrets(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        make_secrets(tmp_path / name)
    one, two = ({path.read_text() for path in (tmp_path / name / ".secrets").iterdir()} for name in ("one", "two"))
    assert len(one) == len(two) == len(MADE_SECRETS)
    assert one & two == set()


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
        for network in (service["networks"].values() if isinstance(service["networks"], dict) else [])
        for alias in each((network or {}).get("aliases"))
    }
    conf = target.load("compose", ROOT, {}).spark_conf
    named = {values["S3_ENDPOINT"].split("//")[1].split(":")[0], conf["spark.driver.host"]}
    named.add(conf["spark.master"].split("//")[1].split(":")[0])
    assert named <= aliases


def test_account_of_the_platform_may_use_its_two_buckets_and_nothing_else() -> None:
    values = target.load("compose", ROOT, {}).values
    buckets = [values[key].removeprefix("s3://") for key in ("LANDING_URI", "WAREHOUSE_URI")]
    statements = object_store.policy(buckets)["Statement"]
    assert {each["Effect"] for each in statements} == {"Allow"}
    resources = {resource for each in statements for resource in each["Resource"]}
    assert resources == {f"arn:aws:s3:::{bucket}{end}" for bucket in buckets for end in ("", "/*")}
    assert not any("*" in action or "Policy" in action for each in statements for action in each["Action"])
