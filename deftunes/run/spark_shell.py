"""The start of `deftunes spark-shell`: `spark`, a session over the lake, for the Python prompt that comes after.

Its argument is the number of a descriptor with JSON: Spark's settings, and those that stand in no command line.
"""

import json
import os
import sys

from deftunes.run.worker import spark_session

with os.fdopen(int(sys.argv[1])) as _settings:
    spark = spark_session(*json.load(_settings))

sys.stdout.write(f"Spark {spark.version}: spark.table('lake.deftunes_silver.sessions').show()\n")
spark.sql("use lake.deftunes_silver")
