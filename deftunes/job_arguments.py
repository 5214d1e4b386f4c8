"""The arguments of the Spark jobs, the same on every target."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from deftunes import passwords
from deftunes.target import Target
from spark_jobs.problem import Problem
from spark_jobs.sources import credentials


def job_arguments(target: Target, verb: str, table: str, first: str, last: str, run_id: str) -> list[str]:
    """What `spark_jobs.main` is started with for one job. No secret is among them."""
    source = urlsplit(target["SOURCE_DSN"])
    if source.scheme not in ("postgresql", "postgres") or not source.hostname:
        raise Problem(
            "SOURCE_DSN is no PostgreSQL address",
            "SOURCE_DSN",
            f"{source.scheme}://{source.hostname or ''}…",
            "write it as postgresql://user:password@host:port/database",
        )
    return [
        *(verb, "--table", table, "--from", first, "--to", last, "--run-id", run_id),
        *("--landing-uri", target["LANDING_URI"], "--api-url", target["API_URL"], "--api-auth", target["API_AUTH"]),
        *("--api-token-url", target["API_TOKEN_URL"], "--api-scope", target["API_SCOPE"]),
        *("--source-url", f"jdbc:postgresql://{source.hostname}:{source.port or 5432}{source.path}"),
        *("--source-user", source.username or ""),
        *("--dq-engine", target["DQ_ENGINE"], "--max-quarantine-share", target["MAX_QUARANTINE_SHARE"]),
    ]


def without_password(address: str) -> str:
    """The address as it may be shown: its user stays, a password and the parameters after a question mark go."""
    parts = urlsplit(address)
    user, _, place = parts.netloc.rpartition("@")
    return urlunsplit((parts.scheme, f"{user.split(':')[0]}@{place}" if user else place, parts.path, "", ""))


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
    """The password of the song database: the one in SOURCE_DSN, else SOURCE_PASSWORD, else the embedded database's."""
    given = unquote(urlsplit(target["SOURCE_DSN"]).password or "")
    if given or "SOURCE_DSN" not in target.overridden:
        return given or own
    return environ.get("SOURCE_PASSWORD", "")
