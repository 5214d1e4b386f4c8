"""What Glue starts. Glue hands over `--key value` pairs only, and no environment: this makes of them
what `spark_jobs.main` takes everywhere, with the secrets of the sources where it looks for them.

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


def secret(argv: Sequence[str], option: str, key: str) -> str:
    """The value of `key` in the JSON of the secret whose ARN the option gives; empty without the option."""
    if option not in argv:
        return ""
    import boto3

    arn = argv[argv.index(option) + 1]
    region = arn.split(":")[3]  # Glue names the region to its own clients, and to this one perhaps not
    answer = boto3.client("secretsmanager", region_name=region).get_secret_value(SecretId=arn)
    return str(json.loads(answer["SecretString"])[key])


def main(argv: Sequence[str]) -> None:
    from pyspark.sql import SparkSession

    from spark_jobs.main import run

    os.environ["AWS_REGION"] = argv[argv.index("--s3-region") + 1]
    os.environ["SOURCE_PASSWORD"] = secret(argv, "--source-secret-arn", "password")
    os.environ["API_SECRET"] = secret(argv, "--api-secret-arn", "secret")
    summary = run(verb_first(argv), lambda: SparkSession.builder.appName("deftunes").getOrCreate())
    sys.stdout.write(json.dumps(summary) + "\n")
    if "problem" in summary:
        raise SystemExit("{what}. Where: {where}. Value: {value}. What to do: {way_out}".format(**summary["problem"]))


if __name__ == "__main__":
    main(sys.argv[1:])
