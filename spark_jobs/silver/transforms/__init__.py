"""Transforms: pure functions from landed records to typed rows, one file a table. They import pyspark only.

The function has the table's name. It takes landed records with the columns file, position and ingest_on; of the API
also record and error, why record is null, the text being no JSON object that can be read; of the database the source's
columns. It returns, row by row, the silver columns plus file, position and `reasons`: why the row must not enter
silver, an empty array for a good row. Which of several deliveries of a record counts is not its business.
"""

from collections.abc import Callable
from importlib import import_module

from pyspark.sql import DataFrame

from spark_jobs.silver.declaration import Table

Transform = Callable[[DataFrame], DataFrame]


def transform_of(table: Table) -> Transform:
    """The function that makes the table's rows of landed records."""
    found: Transform = getattr(import_module(f"{__name__}.{table.name}"), table.name)
    return found
