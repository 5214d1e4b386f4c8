"""dbt's events: OpenLineage's own reader of what the last invocation left, with the columns of our SQL named for it.

Its parser of SQL does not follow `select *`, which ends every model, nor DuckDB's time travel. sqlglot names the
columns before; what it needs to know of the tables stands in dbt's manifest and in the declarations of the lake.
"""

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openlineage.client import OpenLineageClient
from openlineage.client.facet_v2 import column_lineage_dataset
from openlineage.common.provider.dbt import DbtLocalArtifactProcessor  # type: ignore[import-untyped]
from openlineage.common.provider.dbt.utils import PRODUCER  # type: ignore[import-untyped]
from sqlglot import exp, parse_one
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from deftunes.gold.profile import profile_folder
from deftunes.gold.settings import GoldSettings
from deftunes.lineage import settings as lineage
from spark_jobs.lake.schemas import schemas
from spark_jobs.silver import TABLES

LAKE = "lake"  # the name that dbt/profiles.yml attaches the catalog by
Facet = column_lineage_dataset.ColumnLineageDatasetFacet


def emit(settings: GoldSettings) -> int:
    """Sends the events of dbt's last invocation to where OpenLineage's client is told, or to settings.lineage_file.

    Returns how many. Raises whatever the client or the reader raises.
    """
    file = settings.lineage_file
    transport = {"type": "file", "log_file_path": str(file), "append": True}
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
    client = OpenLineageClient(config={"transport": transport} if file else None)
    with profile_folder(settings) as profiles_dir:
        events = Reader(settings, profiles_dir).parse().events()
    for event in events:
        client.emit(event)
    client.close()
    return len(events)


class Reader(DbtLocalArtifactProcessor):  # type: ignore[misc]
    """The events of dbt's last invocation, with the lineage of columns."""

    def __init__(self, settings: GoldSettings, profiles_dir: Path) -> None:
        super().__init__(
            project_dir=str(settings.project_dir),
            target=settings.target,
            target_path=str(settings.state_dir / "target"),
            dbt_command_line=["--profiles-dir", str(profiles_dir)],
            producer=PRODUCER,
            job_namespace=lineage.namespace(os.environ),
            logger=_quiet_logger(),
        )
        self._schema = MappingSchema(known_columns(json.loads(settings.manifest_path.read_text())), dialect="duckdb")

    def get_column_lineage(self, namespace: str, compiled_sql: str) -> Facet | None:
        """Of each column, the columns of tables it is made of; names of a query's own parts are left out."""
        facet: Facet | None = super().get_column_lineage(namespace, self._with_columns(compiled_sql))
        for field in facet.fields.values() if facet else ():
            field.inputFields = [each for each in field.inputFields if each.name.count(".") == 2]
        return facet

    def _with_columns(self, sql: str) -> str:
        tree = parse_one(sql, dialect="duckdb")
        for table in tree.find_all(exp.Table):
            table.set("when", None)  # as of a snapshot
        return qualify(tree, schema=self._schema, dialect="duckdb", validate_qualify_columns=False).sql("duckdb")


def _quiet_logger() -> logging.Logger:
    """It would warn that the profile of the build is gone, which is as it should be."""
    logger = logging.getLogger("openlineage.dbt")
    logger.setLevel(logging.ERROR)
    return logger


def known_columns(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """database -> schema -> table -> column -> type, of dbt's models and of the lake's tables."""
    known: dict[str, Any] = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model":
            columns = {name: each["data_type"] or "varchar" for name, each in node["columns"].items()}
            known.setdefault(node["database"], {}).setdefault(node["schema"], {})[node["alias"]] = columns
    for schema in (each for table in TABLES.values() for each in schemas(table)):
        namespace, _, name = schema.name.partition(".")
        definition = parse_one(f"create table declared ({schema.ddl})", dialect="spark")
        columns = {each.name: "varchar" for each in definition.find_all(exp.ColumnDef)}
        known.setdefault(LAKE, {}).setdefault(namespace, {})[name] = columns
    return known
