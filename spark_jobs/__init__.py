"""The Spark jobs: land, refine and audit the three source tables.

The same modules run in the embedded session, under `spark-submit` and as Glue jobs: plain
arguments in, one JSON summary out, catalog settings from the launcher.
"""
