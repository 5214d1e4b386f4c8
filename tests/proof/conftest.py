"""The session, the catalog and the lake of the integration tests of Spark's jobs."""

from tests.integration.spark_jobs.conftest import catalog, lake, pytest_configure, spark

__all__ = ["catalog", "lake", "pytest_configure", "spark"]
