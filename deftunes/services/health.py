"""Whether a service answers as it should. A probe takes milliseconds and says what was wrong, "" when nothing was."""

import http.client
import json
from collections.abc import Callable, Mapping
from typing import Any

import psycopg2

from deftunes.services import ports
from deftunes.services.mock_source import MockSource
from deftunes.services.ports import LOOPBACK

TIMEOUT_S = 5
REQUIRE_AUTH = "scram-sha-256"  # never the password itself, which a stranger on the port could ask for

Probe = Callable[[], str]


def probes(
    chosen: Mapping[str, int], secrets: Mapping[str, str], source: MockSource, database_user: int
) -> dict[str, Probe]:
    """Service -> its probe. database_user: who PostgreSQL runs as."""
    return {
        "postgres": lambda: postgres(chosen["POSTGRES_PORT"], secrets["CATALOG_PASSWORD"], database_user),
        "catalog": lambda: catalog(chosen["CATALOG_PORT"], secrets["CATALOG_TOKEN"]),
        "mock_api": lambda: mock_api(chosen["MOCK_API_PORT"], source),
    }


def postgres(port: int, password: str, server_user: int) -> str:
    try:
        ports.require_ours(port, "POSTGRES_PORT", server_user)
        psycopg2.connect(
            host=LOOPBACK,
            port=port,
            user="catalog",
            password=password,
            dbname="catalog",
            connect_timeout=TIMEOUT_S,
            require_auth=REQUIRE_AUTH,
        ).close()
    except (psycopg2.OperationalError, ports.PortError) as error:
        return str(error).strip()
    return ""


def catalog(port: int, token: str) -> str:
    """It reads its database for this answer: an empty page of namespaces."""
    answer, problem = fetch_json(port, "CATALOG_PORT", "/v1/namespaces", {"Authorization": f"Bearer {token}"})
    return problem or ("" if "namespaces" in answer else f"it answered {answer}")


def mock_api(port: int, source: MockSource) -> str:
    answer, problem = fetch_json(port, "MOCK_API_PORT", "/health")
    if problem:
        return problem
    serves = (answer.get("seed"), answer.get("scale"))
    return (
        ""
        if serves == (source.seed, source.scale)
        else f"it serves seed and scale {serves}, not {(source.seed, source.scale)}"
    )


def superset(port: int) -> str:
    """Its answer is the word OK, and no JSON."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=TIMEOUT_S)
    try:
        ports.require_ours(port, "SUPERSET_PORT")
        connection.request("GET", "/health")
        status = connection.getresponse().status
    except ports.PortError as error:
        return str(error)
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()
    return "" if status == 200 else f"it answered {status}"


def fetch_json(port: int, key: str, path: str, headers: Mapping[str, str] | None = None) -> tuple[dict[str, Any], str]:
    """The JSON object at `path` and "", or {} and what was wrong. key: of the port, for the message."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=TIMEOUT_S)
    try:
        ports.require_ours(port, key)
        connection.request("GET", path, headers=dict(headers or {}))
        answer = connection.getresponse()
        body = answer.read()
        found = json.loads(body) if answer.status == 200 else None
    except ports.PortError as error:
        return {}, str(error)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return {}, f"{type(error).__name__}: {error}"
    finally:
        connection.close()
    return (found, "") if isinstance(found, dict) else ({}, f"it answered {answer.status}: {body[:200]!r}")
