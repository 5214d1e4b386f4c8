"""Where gold is built: the settings of a build, and what the target says they are. Nothing of dbt is loaded here."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deftunes.gold.warehouse_password import warehouse_password
from deftunes.lake.catalog import catalog_token
from deftunes.lineage import settings as lineage
from deftunes.target import Target

OBJECT_STORE = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")


@dataclass(frozen=True)
class GoldSettings:
    """Where a build finds and leaves its things.

    `state_dir` holds dbt's parse and compiled SQL, `log_dir` gets dbt.log, `profiles_dir` defaults to the project's.
    sends_lineage: whether a build sends OpenLineage's events: to lineage_file, or where OPENLINEAGE_… says.
    `environment`: further (name, value) pairs that the profile asks for by env_var(), such as those of Redshift.
    """

    project_dir: Path
    warehouse_path: Path
    catalog_uri: str
    state_dir: Path
    log_dir: Path
    target: str = "embedded"
    threads: int = 4
    profiles_dir: Path | None = None
    environment: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    sends_lineage: bool = False
    lineage_file: Path | None = None

    @property
    def is_duckdb(self) -> bool:
        """True unless the warehouse is Redshift's."""
        return self.target != "aws"

    @property
    def log_path(self) -> Path:
        """Where dbt writes its own account."""
        return self.log_dir / "dbt.log"

    @property
    def manifest_path(self) -> Path:
        """What dbt knew of its models at the last build."""
        return self.state_dir / "target/manifest.json"

    @property
    def extension_directory(self) -> Path:
        """Where DuckDB finds the extensions that read the lake."""
        return self.state_dir / "duckdb_extensions"


def gold_settings(root: Path, values: Target, environ: Mapping[str, str] | None = None) -> GoldSettings:
    """The target's settings of a build. Raises TargetError when Redshift's password cannot be had, and PortError."""
    known = os.environ if environ is None else environ
    return GoldSettings(
        project_dir=root / "dbt",
        warehouse_path=Path(values["WAREHOUSE_PATH"]),
        catalog_uri=values["CATALOG_URI"],
        state_dir=root / "var/dbt",
        log_dir=root / "var/logs",
        target=values["DBT_TARGET"],
        environment=(
            ("S3_ENDPOINT", values["S3_ENDPOINT"]),
            *_lake(values, known),
            *_redshift(values, known),
        ),
        sends_lineage=lineage.is_wanted(known),
        lineage_file=lineage.events_file(root, "dbt", known),
    )


def _lake(values: Target, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the profile asks for where DuckDB reads the lake: the REST catalog's token, the object store's keys."""
    if values["DBT_TARGET"] != "aws":
        yield "CATALOG_TOKEN", catalog_token(values, environ)
        yield from ((name, environ[name]) for name in OBJECT_STORE if name in environ)


def _redshift(values: Target, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the profile asks for where Redshift is the warehouse; its port and TLS mode have defaults there."""
    if values["DBT_TARGET"] == "aws":
        yield from ((key, environ[key]) for key in ("REDSHIFT_PORT", "REDSHIFT_SSLMODE") if key in environ)
        yield from ((key, values[key]) for key in ("REDSHIFT_HOST", "REDSHIFT_DATABASE", "REDSHIFT_USER"))
        yield "REDSHIFT_PASSWORD", warehouse_password(values["REDSHIFT_SECRET_ARN"], environ)
