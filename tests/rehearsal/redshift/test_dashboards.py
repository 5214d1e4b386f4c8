"""Dashboards as ECS starts them: with the environment of the task definition that Terraform made, over Redshift.

Terraform applies modules/dashboards to moto; Superset is started as a process with what the definition gives.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from playwright.sync_api import Browser, sync_playwright

from rehearsal import ecs, postgres
from rehearsal.glue.roles import client
from rehearsal.processes import process, wait_for_answer
from tests.dashboards.screenshots import Screenshots, look
from tests.rehearsal.redshift.both_warehouses import BothWarehouses
from tests.rehearsal.redshift.fronts import DATABASE, ROOT, Running
from tests.rehearsal.redshift.test_gold import READER, both  # noqa: F401  a fixture

REGION, ACCOUNT = "eu-west-1", "123456789012"
START_PATIENCE_S = 600  # a first start makes Superset's own tables
OVERRIDE = """
terraform {{
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = "5.100.0"
    }}
  }}
}}

provider "aws" {{
  region                      = "{region}"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}}

module "dashboards" {{
  source             = "./modules/dashboards"
  name               = "deftunes"
  region             = "{region}"
  key_arn            = "{key}"
  network            = {{ vpc_id = "{vpc}", subnet_ids = {subnets} }}
  log_retention_days = 365
  image              = "{account}.dkr.ecr.{region}.amazonaws.com/deftunes/superset:1"
  certificate_arn    = "{certificate}"
  reader_cidr        = "10.42.0.0/16"
  secret_arn         = "{secret}"
  warehouse          = {{ host = "127.0.0.1", port = "{port}", database = "{database}", security_group_id = "{group}" }}
  warehouse_user     = "{user}"
  alerts_topic_arn   = "arn:aws:sns:{region}:{account}:deftunes"
  on_destroy         = "delete"
}}
"""
AWS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": REGION}


@dataclass(frozen=True)
class Started:
    """Superset over the gold of the tests. `asked`: questions for the credentials of the task's role."""

    url: str
    analyst_password: str
    environment: dict[str, str]
    asked: list[str]


@pytest.fixture(scope="module")
def aws_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """moto alone."""
    folder = tmp_path_factory.mktemp("moto")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with process("moto", [str(ROOT / ".venv/rehearsal/bin/moto_server"), "-p", str(port)], folder, {}) as running:
        wait_for_answer(running, f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def passwords() -> dict[str, str]:
    """The secret that a person makes by hand; the warehouse's user has its own password there."""
    names = ("admin_password", "analyst_password", "session_key")
    return {**{name: secrets.token_urlsafe(24) for name in names}, "warehouse_password": "secret"}


@pytest.fixture(scope="module")
def applied(aws_url: str, front: Running, passwords: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Applies the module; the name of its task definition's family."""
    ec2 = client("ec2", aws_url)
    vpc = ec2.create_vpc(CidrBlock="10.42.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.42.{at}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
            "SubnetId"
        ]
        for at, zone in enumerate("abc")
    ]
    group = ec2.create_security_group(GroupName="warehouse", Description="The warehouse", VpcId=vpc)["GroupId"]
    key = client("kms", aws_url).create_key()["KeyMetadata"]["Arn"]
    secret = client("secretsmanager", aws_url).create_secret(Name="dashboards", SecretString=json.dumps(passwords))[
        "ARN"
    ]
    certificate = client("acm", aws_url).request_certificate(DomainName="sales.example.com")["CertificateArn"]
    folder = tmp_path_factory.mktemp("terraform")
    written = OVERRIDE.format(
        region=REGION, account=ACCOUNT, key=key, vpc=vpc, subnets=json.dumps(subnets), secret=secret,
        port=front.port, database=DATABASE, group=group, user=READER, certificate=certificate,
    )  # fmt: skip
    (folder / "main.tf").write_text(written)
    shutil.copytree(ROOT / "terraform/modules", folder / "modules", ignore=shutil.ignore_patterns(".terraform*"))
    for verb in (("init",), ("apply", "-auto-approve")):
        command = ["terraform", f"-chdir={folder}", *verb, "-input=false", "-no-color"]
        done = subprocess.run(
            command, env={**os.environ, **AWS, "AWS_ENDPOINT_URL": aws_url}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    return "deftunes-dashboards"


@pytest.fixture(scope="module")
def started(
    aws_url: str,
    applied: str,
    both: BothWarehouses,  # noqa: F811  the fixture
    passwords: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Started]:
    """Superset with the environment of the task; its own tables are in a PostgreSQL that asks for a password."""
    folder = tmp_path_factory.mktemp("superset")
    asked: list[str] = []
    with ExitStack() as ending:
        own = ending.enter_context(postgres.serving(ROOT, folder))
        given = ecs.environment(aws_url, applied)
        password = json.loads(
            client("secretsmanager", aws_url).get_secret_value(SecretId=given["SUPERSET_DATABASE_SECRET_ARN"])[
                "SecretString"
            ]
        )["password"]
        postgres.create_database(own, "superset", "superset", password)
        ask_for_passwords(folder / "postgres", own)
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            port = free.getsockname()[1]
        host = given["SUPERSET_DATABASE_URI"].partition("@")[2].partition("/")[0]
        variables = ecs.replace_texts(
            given, {host: f"127.0.0.1:{own}", "?sslmode=require": "", "0.0.0.0:8088": f"127.0.0.1:{port}"}
        )
        variables["SERVING_URI"] += "?sslmode=disable"  # the front has no TLS
        role = ending.enter_context(ecs.credentials_of_the_role(asked))
        home = {"HOME": str(folder), "SUPERSET_HOME": str(folder)}
        environment = {**ecs.image_environment(), **home, **variables, **role, "AWS_ENDPOINT_URL": aws_url}
        command = [
            *("env", "-i", *(f"{name}={value}" for name, value in environment.items())),
            *(str(ROOT / ".venv/superset/bin/python"), str(ROOT / "superset/serve.py")),
        ]
        running = ending.enter_context(process("superset", command, folder, {}))
        deadline = time.monotonic() + START_PATIENCE_S
        while not is_healthy(f"http://127.0.0.1:{port}/health"):
            assert running.handle.poll() is None, running.log.read_text()[-3000:]
            assert time.monotonic() < deadline, running.log.read_text()[-3000:]
            time.sleep(0.5)
        yield Started(f"http://127.0.0.1:{port}", passwords["analyst_password"], given, asked)


def ask_for_passwords(data: Path, port: int) -> None:
    """From now on the server lets nobody in without a password, as RDS does."""
    (data / "pg_hba.conf").write_text(
        "host superset superset 127.0.0.1/32 scram-sha-256\nhost all postgres 127.0.0.1/32 trust\n"
    )
    with closing(psycopg2.connect(postgres.dsn(port))) as connection, connection.cursor() as cursor:
        cursor.execute("select pg_reload_conf()")


def is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.read() == b"OK")
    except OSError:
        return False


@pytest.fixture(scope="module")
def see(started: Started, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Screenshots]]:
    """A dashboard as the analyst sees it in a browser."""
    program = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    assert program, "chromium is not on this machine: apt-get install chromium, or CHROMIUM=/path/to/it"
    with sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        pictures = tmp_path_factory.mktemp("pictures")
        yield lambda name: look(browser, started.url, started.analyst_password, name, pictures / name)
        browser.close()


def test_own_password_is_read_with_the_credentials_of_the_tasks_role(started: Started) -> None:
    assert started.asked
    assert [name for name in started.environment if name.startswith("AWS_") or name == "PGPASSWORD"] == []


def test_sales_show_what_redshift_says(started: Started, see: Callable[[str], Screenshots], front: Running) -> None:
    seen = see("sales")
    # The dashboard opens with the one currency that its money is shown in.
    [(revenue, items)] = front.rows("select sum(price), count(*) from gold.fact_session where currency = 'USD'")

    assert seen.trouble == []
    assert figure(seen, "Items sold") == items
    assert figure(seen, "Revenue") == pytest.approx(float(revenue))
    [[*rows]] = seen.charts["Top artists"].answers
    [(artists,)] = front.rows("select count(*) from (select distinct artist_name from bi.sales_per_artist_vw) as names")
    assert len(rows) == artists > 0


def test_operations_show_what_redshift_says(see: Callable[[str], Screenshots], front: Running) -> None:
    seen = see("operations")
    [(rows,)] = front.rows("select sum(row_count) from bi.quarantine_vw")

    assert seen.trouble == []
    assert figure(seen, "Rows in quarantine") == rows


def figure(seen: Screenshots, title: str) -> Any:
    [[row]] = seen.charts[title].answers
    return next(iter(row.values()))
