"""What the tests of gold build, in both warehouses: its rows in DuckDB, and as Iceberg tables behind the front."""

from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from deftunes.gold.settings import GoldSettings
from deftunes.redshift.connection import Address
from deftunes.redshift.user import dbt_user
from tests.rehearsal.redshift.fronts import DATABASE, PASSWORD, USER, Running
from tests.rehearsal.redshift.lakes import Lake
from tests.unit.dbt.gold_fixture import OPS, TABLES, GoldFixture, open_gold_fixture


@dataclass(frozen=True)
class BothWarehouses:
    """`duck` is filled by the test; `settings` build the same gold on Redshift, as the user of `builder`."""

    duck: GoldFixture
    settings: GoldSettings
    lake: Lake
    builder: Address

    def deliver(self) -> None:
        """What silver holds now, as new snapshots of the Iceberg tables."""
        with duckdb.connect(str(self.duck.silver_path), read_only=True) as silver:
            silver.execute("set timezone = 'UTC'")
            for schema, tables in (("deftunes_silver", TABLES), ("deftunes_ops", OPS)):
                for table in tables:
                    rows = silver.execute(f"select * from {schema}.{table}").to_arrow_table()
                    self.lake.write_arrow(f"{schema}.{table}", rows)


def open_both_warehouses(folder: Path, lake: Lake, front: Running) -> BothWarehouses:
    (folder / "duckdb").mkdir()
    duck = open_gold_fixture(folder / "duckdb")
    duck.reset()
    with front.connect() as connection, connection.cursor() as cursor:
        for schema in ("deftunes_silver", "deftunes_ops"):
            lake.catalog.create_namespace_if_not_exists(schema)
            cursor.execute(
                f"create external schema if not exists {schema} from data catalog database '{schema}'"
                " region 'eu-west-1' iam_role 'arn:aws:iam::123456789012:role/redshift'"
            )
    builder = dbt_user(Address("127.0.0.1", front.port, DATABASE, USER, PASSWORD, "disable"))
    redshift = replace(
        duck.settings,
        target="aws",
        state_dir=folder / "redshift",
        log_dir=folder / "redshift",
        profiles_dir=None,  # the project's own
        environment=builder.environment(),
    )
    return BothWarehouses(duck, redshift, lake, builder)
