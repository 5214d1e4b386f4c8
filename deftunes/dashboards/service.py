"""The dashboards, on request: Superset beside the other services, kept running by the same supervisord.

What it knows of itself is one more database of the embedded PostgreSQL; what its pages show is the served file.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from deftunes.services import health, lifecycle, passwords, ports, postgres, supervision
from deftunes.services.ports import LOOPBACK
from deftunes.services.programs import Program, fingerprint, mark
from deftunes.setup import runtimes
from deftunes.system.lock import services_lock
from deftunes.target import Target
from spark_jobs.problem import Problem

SECRETS = (
    "SUPERSET_SECRET_KEY",
    "SUPERSET_DATABASE_PASSWORD",
    "SUPERSET_ADMIN_PASSWORD",
    "SUPERSET_ANALYST_PASSWORD",
)
START_PATIENCE_S = 300.0  # the first start makes some hundred tables
DATABASE = "superset"


@dataclass(frozen=True)
class Dashboards:
    """Where Superset answers. accounts: name -> password."""

    url: str
    accounts: Mapping[str, str]


def up(wanted: Target) -> Dashboards:
    """Start Superset beside the services, which run already, and wait until it answers.

    Returns at once when it does. Raises Problem when nothing was published or it is not installed,
    lifecycle.ServiceError and ports.PortError.
    """
    root, serving = wanted.root, Path(wanted["SERVING_PATH"])
    if not serving.exists():
        raise Problem("Nothing was published yet", str(serving), "no such file", "run the pipeline first: make run")
    if not runtimes.superset_python(root).exists():
        raise Problem(
            "Superset is not installed", ".venv/superset", "no such environment", "start it by make dashboards"
        )
    with services_lock(root):
        secrets, _ = passwords.ensure(root, (*passwords.NAMES, *SECRETS))
        supervisor = lifecycle.supervisor_of(root, secrets)
        chosen = lifecycle.resolved_ports(wanted, supervisor)
        ports.remember(root, chosen)
        make_database(chosen["POSTGRES_PORT"], secrets)
        supervision.write_on_request(root, superset_program(root, serving, chosen, secrets))
        supervisor.adopt()
        lifecycle.start(supervisor, ["superset"])
        probes = {"superset": lambda: health.superset(chosen["SUPERSET_PORT"])}
        lifecycle.wait_until_healthy(supervisor, ["superset"], probes, START_PATIENCE_S)
    return running(root)


def running(root: Path) -> Dashboards:
    """The dashboards that run. Raises Problem when none do."""
    if not any(each.name == "superset" and each.state == "running" for each in lifecycle.status(root)):
        raise Problem("The dashboards are down", "superset", "stopped", "start them: make dashboards")
    secrets = passwords.load(root)
    accounts = {"analyst": secrets["SUPERSET_ANALYST_PASSWORD"], "admin": secrets["SUPERSET_ADMIN_PASSWORD"]}
    return Dashboards(f"http://{LOOPBACK}:{ports.last_ports(root)['SUPERSET_PORT']}", accounts)


def make_database(port: int, secrets: Mapping[str, str]) -> None:
    """Superset's own database and its role, if they are not there; the role has the password of var/secrets.env."""
    password = secrets["POSTGRES_PASSWORD"]
    with closing(
        psycopg2.connect(
            host=LOOPBACK,
            port=port,
            user="postgres",
            password=password,
            dbname="postgres",
            require_auth=health.REQUIRE_AUTH,
        )
    ) as connection:
        connection.autocommit = True  # a database is not made within a transaction
        with connection.cursor() as cursor:
            cursor.execute("select 1 from pg_database where datname = %s", (DATABASE,))
            for statement in [] if cursor.fetchone() else postgres.owned_database(DATABASE):
                cursor.execute(statement)
            cursor.execute(f"alter role {DATABASE} password %s", (secrets["SUPERSET_DATABASE_PASSWORD"],))


def superset_program(root: Path, serving: Path, chosen: Mapping[str, int], secrets: Mapping[str, str]) -> Program:
    port, password = chosen["POSTGRES_PORT"], secrets["SUPERSET_DATABASE_PASSWORD"]
    environment = {
        **{name: secrets[name] for name in SECRETS if name != "SUPERSET_DATABASE_PASSWORD"},
        "SUPERSET_DATABASE_URI": f"postgresql://{DATABASE}:{password}@{LOOPBACK}:{port}/{DATABASE}",
        "SUPERSET_BIND": f"{LOOPBACK}:{chosen['SUPERSET_PORT']}",
        "SUPERSET_HOME": str(root / "var/tmp/superset"),
        "SERVING_URI": f"duckdb:///{serving}",
        # An asset written again changes this text, and with it the program: supervisord starts it anew.
        "SUPERSET_ASSETS": fingerprint(root / "superset"),
    }
    command = (str(runtimes.superset_python(root)), "-X", mark(root), str(root / "superset/serve.py"))
    return Program("superset", command, stop_signal="INT", environment=environment)
