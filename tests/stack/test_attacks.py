"""What a container that was taken over reaches: its own network and its own account, and nothing with the keys."""

import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Callable

import pytest

from tests.containers import PROJECT, Stack

PYTHON = {"superset": ".venv/superset/bin/python", "airflow_api_server": ".venv/airflow/bin/python"}
REACH = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 3).close()
    print("reached")
except OSError as error:
    print(type(error).__name__)
"""
CONNECT = """
import os, sys, psycopg2
user, database = sys.argv[1:]
try:
    psycopg2.connect(host="postgres", user=user, dbname=database, password=os.environ.get("PGPASSWORD", "x")).close()
    print("in")
except psycopg2.OperationalError as error:
    print(error)
"""
STORE = """
import os, sys
from minio import Minio, MinioAdmin
from minio.credentials import StaticProvider
account, key = "deftunes", os.environ["AWS_SECRET_ACCESS_KEY"]
store = Minio(endpoint="object-store:9000", access_key=account, secret_key=key, secure=False)
admin = MinioAdmin(endpoint="object-store:9000", credentials=StaticProvider(account, key), secure=False)
acts = {
    "make a bucket": lambda: store.make_bucket(bucket_name="stolen"),
    "look into another bucket": lambda: list(store.list_objects(bucket_name="private")),
    "remove a bucket": lambda: store.remove_bucket(bucket_name="deftunes-landing"),
    "open a bucket to all": lambda: store.set_bucket_policy(bucket_name="deftunes-landing", policy="{}"),
    "add an account": lambda: admin.user_add("thief", "thief-thief"),
    "read the policies": lambda: admin.policy_list(),
    "stop the store": lambda: admin.service_stop(),
}
for name, act in acts.items():
    try:
        act()
        print(name, "WORKED")
    except Exception as error:
        print(name, "refused:", getattr(error, "code", None) or " ".join(str(error).split())[:300])
"""


def inside(stack: Stack, service: str, program: str, *arguments: str) -> str:
    """What a program of a container's own Python says, with the secrets that the container has."""
    python = PYTHON.get(service, "python")
    return stack.compose("exec", "-T", service, "with-secrets", python, "-c", program, *arguments).strip()


def addresses(stack: Stack, service: str) -> list[str]:
    """The container's address in each of its networks: a name that is not known protects nobody."""
    container = stack.compose("ps", "--quiet", service).strip()
    command = ["docker", "inspect", "--format", "{{json .NetworkSettings.Networks}}", container]
    networks = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return [network["IPAddress"] for network in networks.values()]


@pytest.mark.parametrize("page", ["superset", "airflow_api_server", "mock_api"])
@pytest.mark.parametrize(
    ("service", "port"),
    [("catalog", "8181"), ("object_store", "9000"), ("object_store", "9001"), ("spark_master", "7077")],
)
def test_what_people_touch_does_not_reach_what_holds_the_keys(stack: Stack, page: str, service: str, port: str) -> None:
    assert (
        inside(stack, page, REACH, "127.0.0.1", {"superset": "8088", "mock_api": "8000"}.get(page, "8080")) == "reached"
    )
    for address in (service.replace("_", "-"), *addresses(stack, service)):
        assert inside(stack, page, REACH, address, port) in ("gaierror", "TimeoutError", "ConnectionRefusedError"), (
            address
        )


@pytest.mark.parametrize(
    ("user", "database"),
    [("postgres", "postgres"), ("superset", "catalog"), ("superset", "deftunes"), ("catalog", "catalog")],
)
def test_superset_enters_no_database_but_its_own(stack: Stack, user: str, database: str) -> None:
    assert inside(stack, "superset", CONNECT, "superset", "superset") == "in"
    output = inside(stack, "superset", CONNECT, user, database)
    assert re.search("pg_hba.conf|password authentication failed", output), output


def test_the_cluster_takes_no_application_without_the_secret(stack: Stack) -> None:
    """From a container of its own network, which knows everything but the secret."""
    program = (
        "from pyspark.sql import SparkSession as s; "
        "s.builder.master('spark://spark-master:7077').config('spark.authenticate', '{}')"
        ".config('spark.authenticate.secret', 'guessed').getOrCreate().range(1).count(); print('WORKED')"
    )
    for authenticate in ("false", "true"):
        command = ["timeout", "90", ".venv/spark/bin/python", "-c", program.format(authenticate)]
        done = subprocess.run(
            ["docker", "compose", "--profile", "full", "exec", "-T", "airflow_scheduler", *command],
            cwd=PROJECT,
            env={**os.environ, **stack.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        assert "WORKED" not in done.stdout


def test_the_page_of_the_cluster_ends_nothing(stack: Stack) -> None:
    """Asking is answered with the page, as Spark does where it may not; that it may not is what the daemon was told."""
    page = f"http://127.0.0.1:{stack.environment['SPARK_PORT']}"
    with urllib.request.urlopen(page, timeout=30) as answer:
        assert "(kill)" not in answer.read().decode()
    assert "-Dspark.ui.killEnabled=false" in processes(stack)


def test_the_account_of_the_platform_administers_nothing(stack: Stack) -> None:
    output = inside(stack, "catalog", STORE).splitlines()
    assert len(output) == 7
    assert [line for line in output if "refused" not in line] == []
    assert [line for line in output if "AccessDenied" not in line] == []


def shown(stack: Stack) -> str:
    names = stack.compose("ps", "--all", "--quiet").split()
    return subprocess.run(["docker", "inspect", *names], capture_output=True, text=True, check=True).stdout


def processes(stack: Stack) -> str:
    return "\n".join(
        subprocess.run(["docker", "top", name, "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
        for name in stack.compose("ps", "--quiet").split()
    )


@pytest.mark.parametrize("place", [shown, processes], ids=["docker inspect", "command lines"])
def test_no_secret_is_shown(stack: Stack, place: Callable[[Stack], str]) -> None:
    text = place(stack)
    for path in (PROJECT / ".secrets").iterdir():
        assert path.read_text().strip() not in text, path.name
