"""The arguments of the Spark jobs, the same on every target."""

from collections.abc import Mapping
from pathlib import Path

from deftunes.services import passwords
from deftunes.services.mock_source import MockSource, is_own_database, source_identities
from deftunes.services.source_dsn import source_address
from deftunes.target import Target
from spark_jobs.problem import Problem
from spark_jobs.silver import TABLES
from spark_jobs.sources import credentials


def job_arguments(
    target: Target,
    verb: str,
    table: str,
    first: str,
    last: str,
    run_id: str,
    mock: MockSource | None = None,
    *,
    accept_sources: bool = False,
) -> list[str]:
    """What `spark_jobs.main` is started with for one job. No secret is among them. `mock`: what our own sources hold.

    Raises Problem when SOURCE_DSN cannot be used.
    """
    source = source_address(target["SOURCE_DSN"])
    # The tables about runs have no source.
    identity = source_identities(target, mock)[TABLES[table].source.kind] if mock and table in TABLES else ""
    return [
        *(verb, "--table", table, "--from", first, "--to", last, "--run-id", run_id),
        *("--landing-uri", target["LANDING_URI"], "--api-url", target["API_URL"], "--api-auth", target["API_AUTH"]),
        *("--api-token-url", target["API_TOKEN_URL"], "--api-scope", target["API_SCOPE"]),
        *("--source-url", source.jdbc_url, "--source-user", source.user),
        *("--dq-engine", target["DQ_ENGINE"], "--max-quarantine-share", target["MAX_QUARANTINE_SHARE"]),
        *(("--source-identity", identity) if identity else ()),  # else the job takes the address
        *(("--accept-sources",) if accept_sources else ()),
    ]


def api_secret(target: Target, environ: Mapping[str, str]) -> str:
    """The secret of the API: API_SECRET, else what the file API_SECRET_FILE holds, else the line of var/secrets.env.

    Raises Problem if API_AUTH cannot be used, before it is handed on: it may hold the secret.
    """
    secret = environ.get("API_SECRET") or _content(environ.get("API_SECRET_FILE", ""))
    secret = secret or passwords.load(target.root).get("API_SECRET", "")
    credentials.check(target["API_AUTH"], target["API_TOKEN_URL"], has_secret=bool(secret))
    return secret if target["API_AUTH"] != "none" else ""


def _content(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip() if path else ""
    except (OSError, ValueError) as error:
        raise Problem("API_SECRET_FILE cannot be read", path, str(error), "name a file that holds the secret") from None


def source_password(target: Target, own: str, environ: Mapping[str, str]) -> str:
    """The password of the song database: the one in SOURCE_DSN, else that of our own database, else SOURCE_PASSWORD."""
    given = source_address(target["SOURCE_DSN"]).password
    return given or (own if is_own_database(target) else environ.get("SOURCE_PASSWORD", ""))
