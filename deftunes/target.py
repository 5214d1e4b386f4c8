"""A target: every value that differs between embedded, compose and aws, from targets/<name>.env and .spark.conf."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deftunes.lineage import settings as lineage
from deftunes.services import ports
from deftunes.system.machine import spark_heap
from spark_jobs.problem import Problem
from spark_jobs.sources import address

KEYS: Mapping[str, str] = {
    "POSTGRES_PORT": "loopback port of PostgreSQL; 0 = any free one",
    "MOCK_API_PORT": "loopback port of the mock source API; 0 = any free one",
    "CATALOG_PORT": "loopback port of the Iceberg REST catalog; 0 = any free one",
    "SUPERSET_PORT": "loopback port of the dashboards; 0 = any free one",
    "API_URL": "address of the source API: /users and /sessions are asked for below it",
    "API_AUTH": "how the API is told who asks: none, bearer, header:NAME, basic:USER or oauth:CLIENT_ID",
    "API_TOKEN_URL": "where OAuth gives its tokens, with API_AUTH=oauth:CLIENT_ID; none",
    "API_SCOPE": "the scope to ask OAuth for; none",
    "SOURCE_DSN": "postgresql://user@host:port/database of the song database; its password is SOURCE_PASSWORD",
    "LANDING_URI": "folder of the landing layer: files as delivered",
    "WAREHOUSE_URI": "folder of the Iceberg tables",
    "CATALOG_URI": "address of the Iceberg REST catalog",
    "S3_ENDPOINT": "address of the object store, which is asked where URIs are s3://",
    "S3_REGION": "region of the object store",
    "DQ_ENGINE": "who evaluates the rules of quality/: deequ, or awsgluedq, which only Glue has",
    "MAX_QUARANTINE_SHARE": "share of a window's rows, 0 to 1, that may be quarantined before the run halts",
    "DBT_TARGET": "target of dbt/profiles.yml",
    "WAREHOUSE_PATH": "DuckDB file that dbt writes",
    "SERVING_PATH": "DuckDB file that dashboards read",
    "REDSHIFT_HOST": "address of the Redshift warehouse",
    "REDSHIFT_DATABASE": "database of the Redshift warehouse",
    "REDSHIFT_USER": "user that dbt is in the Redshift warehouse",
    "REDSHIFT_SECRET_ARN": "secret with that user's password, unless REDSHIFT_PASSWORD is set",
    "PLATFORM_NAME": "what the names of all that Terraform made begin with",
    "ACCOUNT_ID": "the AWS account that Terraform built in",
    "RUNS_URI": "folder in which jobs leave their summaries",
}
REFERENCE = re.compile(r"\$\{(\w+)\}")
UNUSABLE_IN_PATHS = re.compile(r"[^\w/.+@~-]")  # tests/end_to_end/test_foreign_shell.py runs below others


class TargetError(Exception):
    """A target's file or an overriding variable cannot be used; the message names file, key and way out."""


@dataclass(frozen=True)
class Target:
    """Values of one target, every ${...} expanded.

    values: the keys of KEYS. spark_conf: Spark property -> value. overridden: what the environment gave, key -> value,
    and what it says of lineage.
    wanted_ports: each *_PORT as written, where values has the port in use.
    """

    name: str
    root: Path
    values: Mapping[str, str]
    spark_conf: Mapping[str, str]
    overridden: Mapping[str, str]
    wanted_ports: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        return self.values[key]


def current(root: Path, environ: Mapping[str, str] | None = None) -> Target:
    """The target of this machine: embedded, unless DEFTUNES_TARGET names another. Raises TargetError."""
    known = os.environ if environ is None else environ
    return load(known.get("DEFTUNES_TARGET") or "embedded", root, environ)


def load(name: str, root: Path, environ: Mapping[str, str] | None = None) -> Target:
    """The target called `name` of the checkout at `root`; a non-empty variable of `environ` overrides its key.

    A port that is 0 becomes the one remembered from the last start of the services, if any. Raises TargetError.
    """
    root = usable_root(root)
    known = os.environ if environ is None else environ
    overrides = {key: value for key, value in known.items() if value and (key in KEYS or lineage.is_ours(key))}
    if name == "aws" and environ is None:
        overrides = terraform_values(root) | overrides
    values_path = target_file(name, root, ".env")
    written = env_file_values(values_path, overrides)
    wanted_ports = {key: value for key, value in written.items() if key.endswith("_PORT")}
    values = expanded_values(values_path, root, written)
    try:
        address.base_url(values["API_URL"])  # a password in it would be shown, and handed on as an argument
    except Problem as problem:
        raise TargetError(f"{values_path}: {problem.what}, {problem.value}: {problem.way_out}") from None
    conf_path = target_file(name, root, ".spark.conf")
    names = {"ROOT": str(root), "SPARK_HEAP": spark_heap(), **values}
    spark_conf = {key: expand(value, names, conf_path, key) for _, key, value in pairs(conf_path, None)}
    return Target(name, root, values, lineage.spark_settings(root, spark_conf, known), overrides, wanted_ports)


def terraform_values(root: Path) -> dict[str, str]:
    """What was deployed, as `make aws-env` writes it to var/aws.env; nothing before it did. Raises TargetError."""
    path = root / "var/aws.env"
    return {key: value for _, key, value in pairs(path, "=") if key in KEYS} if path.is_file() else {}


def usable_root(root: Path) -> Path:
    """`root` made absolute, if its characters survive in URIs, class paths and Spark's lists; else TargetError."""
    root = root.resolve()
    if unusable := UNUSABLE_IN_PATHS.search(str(root)):
        raise TargetError(
            f"the checkout's path {str(root)!r} contains {unusable.group()!r}, which Java class paths and table "
            "locations cannot carry: move the checkout to a path of letters, digits and ._-+@~"
        )
    return root


def target_file(name: str, root: Path, suffix: str) -> Path:
    path = root / "targets" / f"{name}{suffix}"
    if not path.is_file():
        there = ", ".join(sorted(file.stem for file in (root / "targets").glob("*.env"))) or "none"
        raise TargetError(f"{path} is missing, so {name!r} is no target; targets here: {there}")
    return path


def env_file_values(path: Path, overrides: Mapping[str, str]) -> dict[str, str]:
    """Each key of one .env file, in its order, with the text given for it. Raises TargetError."""
    written: dict[str, str] = {}
    for line, key, value in pairs(path, "="):
        if key not in KEYS:
            raise TargetError(
                f"{path}:{line}: {key} is no key that the code reads: "
                "remove it, or add it to KEYS in deftunes/target.py"
            )
        written[key] = overrides.get(key, value)
        if not written[key]:
            raise TargetError(
                f"{path}:{line}: {key} is empty ({KEYS[key]}): give it a value there, or in the environment"
            )
    if missing := [key for key in KEYS if key not in written]:
        raise TargetError(f"{path}: {missing[0]} is missing ({KEYS[missing[0]]}): add a line {missing[0]}=...")
    return written


def expanded_values(path: Path, root: Path, written: Mapping[str, str]) -> dict[str, str]:
    """Each value with ROOT and the keys above filled in; an open port is the remembered one. Raises TargetError."""
    remembered = ports.last_ports(root)
    values: dict[str, str] = {"ROOT": str(root)}
    for key, text in written.items():
        value = expand(text, values, path, key)
        values[key] = str(remembered.get(key, 0)) if key.endswith("_PORT") and value == "0" else value
    return {key: values[key] for key in written}


def pairs(path: Path, separator: str | None) -> Iterator[tuple[int, str, str]]:
    """(line number, key, value) of each line of `path` that is neither blank nor a comment. Raises TargetError."""
    seen: set[str] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        parts = [part.strip() for part in line.strip().split(separator, 1)]
        if len(parts) < 2:
            raise TargetError(
                f"{path}:{number}: {line.strip()!r} is no key{separator or ' '}value line: write one, or begin with #"
            )
        if parts[0] in seen:
            raise TargetError(f"{path}:{number}: {parts[0]} is given twice: keep one line")
        seen.add(parts[0])
        yield number, parts[0], parts[1]


def expand(value: str, known: Mapping[str, str], path: Path, key: str) -> str:
    """`value` with each ${NAME} replaced by known[NAME]; a name that is not known raises TargetError."""

    def replacement(match: re.Match[str]) -> str:
        if match.group(1) not in known:
            raise TargetError(
                f"{path}: {key} uses {match.group()}, which is neither ROOT nor a key above it: correct the name"
            )
        return known[match.group(1)]

    return REFERENCE.sub(replacement, value)
