"""What Glue starts. Glue hands over `--key value` pairs only, and no environment: this makes of them
what `spark_jobs.main` takes everywhere, with the database's password where it looks for it.

A job that was stopped by a Problem fails the Glue run with the problem's sentence, way out included.
"""

import json
import os
import sys
from collections.abc import Sequence


def verb_first(argv: Sequence[str]) -> list[str]:
    """`--verb land --table users` as `land --table users`, the order in which main takes them."""
    at = argv.index("--verb")
    return [argv[at + 1], *argv[:at], *argv[at + 2 :]]


def password(argv: Sequence[str]) -> str:
    """The key `password` of the secret whose ARN is --source-secret-arn; empty without one."""
    if "--source-secret-arn" not in argv:
        return ""
    import boto3

    arn = argv[argv.index("--source-secret-arn") + 1]
    region = arn.split(":")[3]  # Glue names the region to its own clients, and to this one perhaps not
    answer = boto3.client("secretsmanager", region_name=region).get_secret_value(SecretId=arn)
    return str(json.loads(answer["SecretString"])["password"])


def main(argv: Sequence[str]) -> None:
    from pyspark.sql import SparkSession

    from spark_jobs.main import run

    os.environ["SOURCE_PASSWORD"] = password(argv)
    summary = run(verb_first(argv), lambda: SparkSession.builder.appName("deftunes").getOrCreate())
    sys.stdout.write(json.dumps(summary) + "\n")
    if "problem" in summary:
        raise SystemExit("{what}. Where: {where}. Value: {value}. What to do: {way_out}".format(**summary["problem"]))


if __name__ == "__main__":
    main(sys.argv[1:])
