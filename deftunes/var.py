"""var/: all state of a checkout, and what each folder in it holds."""

from pathlib import Path

FOLDERS = {
    "run": "ports, control files and pids of the running services",
    "logs": "one log a service",
    "lake": "landing files and Iceberg tables",
    "postgres": "PostgreSQL's data directory (made by its first start)",
    "warehouse": "the DuckDB file that dbt writes",
    "serving": "the DuckDB file that dashboards read",
    "jars": "Java archives of requirements/jars.txt",
    "tmp": "scratch space of Spark",
    "dbt": "dbt's artefacts and logs",
    "screenshots": "what tests saw of the dashboards",
}


def make(root: Path) -> None:
    """Create every folder but postgres, which initdb wants to make itself."""
    for name in FOLDERS:
        if name != "postgres":
            (root / "var" / name).mkdir(parents=True, exist_ok=True)
