"""The Iceberg REST catalog as its clients open it: by its address, and by a token that only our own listener gets."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from deftunes.services import passwords, ports
from deftunes.target import Target

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog  # half a second to load
    from pyiceberg.table import Table


def catalog_token(target: Target, environ: Mapping[str, str] | None = None) -> str:
    """What the catalog wants to be sent: that of this checkout's own catalog, or CATALOG_TOKEN for another one.

    Empty for a catalog of the user's that asks for none. Raises ports.PortError when another user listens where our
    catalog should.
    """
    if target.name != "embedded" or "CATALOG_URI" in target.overridden:
        return (os.environ if environ is None else environ).get("CATALOG_TOKEN", "")
    ports.require_ours(int(target["CATALOG_PORT"]), "CATALOG_PORT")
    return passwords.load(target.root).get("CATALOG_TOKEN", "")


def open_catalog(target: Target) -> "Catalog":
    """The catalog, for Python: Glue's own on AWS, which is found by region. Raises ports.PortError.

    Where files lie in an object store, the environment has the account (AWS_ACCESS_KEY_ID and so on).
    """
    from pyiceberg.catalog import load_catalog

    if target["DBT_TARGET"] == "aws":
        return load_catalog(
            "lake", type="glue", **{"glue.region": target["S3_REGION"], "s3.region": target["S3_REGION"]}
        )
    token, is_store = catalog_token(target), target["WAREHOUSE_URI"].startswith("s3://")
    store = {"s3.endpoint": target["S3_ENDPOINT"], "s3.region": target["S3_REGION"]} if is_store else {}
    return load_catalog("lake", type="rest", uri=target["CATALOG_URI"], **({"token": token} if token else {}), **store)


def table_or_none(catalog: "Catalog", name: str) -> "Table | None":
    """The table of that name, by one question to the catalog; None if there is none."""
    from pyiceberg.exceptions import NoSuchTableError

    try:
        return catalog.load_table(name)
    except NoSuchTableError:
        return None


def secret_spark_settings(target: Target, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Settings that let Spark into the catalog and, where it is a cluster, its parts in to each other.

    They reach it over a socket, for everybody reads the arguments of a process. The catalog's is a header, since
    Iceberg's client would exchange a `token` for another one after an hour. The cluster's is what its daemons have
    under the same name in their environment; Spark in one process makes up its own. Raises ports.PortError.
    """
    known = os.environ if environ is None else environ
    token, cluster = catalog_token(target, known), known.get("_SPARK_AUTH_SECRET", "")
    settings = {
        "spark.sql.catalog.lake.header.Authorization": f"Bearer {token}" if token else "",
        "spark.authenticate.secret": "" if target.spark_conf["spark.master"].startswith("local") else cluster,
    }
    return {key: value for key, value in settings.items() if value}


def attach_statements(target: Target) -> list[str]:
    """What attaches the lake, to read only, to a DuckDB connection that has its extensions. Raises ports.PortError."""
    token, address = (text.replace("'", "''") for text in (catalog_token(target), target["CATALOG_URI"]))
    attach = f"attach '' as lake (type iceberg, endpoint '{address}', read_only"
    if not token:
        return [f"{attach}, authorization_type 'none')"]
    return [f"create secret lake_token (type iceberg, token '{token}')", f"{attach}, secret lake_token)"]
