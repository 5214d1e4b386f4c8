"""What Glue starts. Glue hands over `--key value` pairs only, and no environment: this makes of them
what `spark_jobs.main` takes everywhere, with the secrets of the sources where it looks for them; or, for the verb
`build`, what deftunes/redshift/job.py takes.

A job that lands a demonstration's source makes it first: the mock API answers on loopback while the job runs, the songs
go into their database once. The job's summary is left below --runs-uri, where who started the job finds it. A job that
was stopped by a Problem fails the Glue run with the problem's sentence, way out included.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PATIENCE_S = 120  # until the mock API answers


def verb_first(argv: Sequence[str]) -> list[str]:
    """`--verb land --table users` as `land --table users`, the order in which main takes them."""
    at = argv.index("--verb")
    return [argv[at + 1], *argv[:at], *argv[at + 2 :]]


def value(argv: Sequence[str], option: str) -> str:
    """What stands behind an option; empty without it."""
    return argv[argv.index(option) + 1] if option in argv else ""


def client(service: str, region: str) -> Any:
    """A client of AWS. Glue names the region to its own clients, and to this one perhaps not."""
    import boto3

    return boto3.client(service, region_name=region)


def region_of(secret_arn: str) -> str:
    return secret_arn.split(":")[3]


def secret(argv: Sequence[str], option: str, key: str) -> str:
    """The value of `key` in the JSON of the secret whose ARN the option gives; empty without the option."""
    if option not in argv:
        return ""
    arn = value(argv, option)
    answer = client("secretsmanager", region_of(arn)).get_secret_value(SecretId=arn)
    return str(json.loads(answer["SecretString"])[key])


def object_of(uri: str) -> dict[str, str]:
    """Bucket and key of an s3:// address, as boto3 takes them."""
    bucket, key = uri.removeprefix("s3://").split("/", 1)
    return {"Bucket": bucket, "Key": key}


def unpacked(uri: str, folder: Path, region: str) -> Path:
    """The files of a zip archive in S3, in a folder."""
    archive = folder.with_suffix(".zip")
    with archive.open("wb") as file:
        client("s3", region).download_fileobj(**object_of(uri), Fileobj=file)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    archive.unlink()
    return folder


def build(argv: Sequence[str]) -> dict[str, Any]:
    """The summary of a build of gold, or the problem that stopped it."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("from", "to", "code-archive", "packages-archive", "warehouse-readers"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("host", "port", "database", "user", "secret-arn"):
        parser.add_argument(f"--warehouse-{name}", required=True)
    args, _ = parser.parse_known_args(argv)
    folder, region = Path(tempfile.mkdtemp(prefix="gold-")), region_of(args.warehouse_secret_arn)
    code = unpacked(args.code_archive, folder / "code", region)
    packages = unpacked(args.packages_archive, folder / "packages", region)
    sys.path.insert(0, str(code))

    from pyspark.sql import SparkSession

    from deftunes.redshift.connection import sslmode
    from deftunes.redshift.job import BesideGlue, build_and_publish
    from deftunes.redshift.silver import GlueSilver
    from spark_jobs.lake.gold_tag import GoldTag
    from spark_jobs.problem import Problem

    address = {
        "host": args.warehouse_host,
        "port": int(args.warehouse_port),
        "database": args.warehouse_database,
        "user": args.warehouse_user,
        "password": secret(argv, "--warehouse-secret-arn", "password"),
        "sslmode": sslmode(),
    }
    readers = [reader for reader in args.warehouse_readers.split(",") if reader not in ("", "none")]
    act = BesideGlue(code, packages, folder, {"address": address, "readers": readers})
    silver = GlueSilver(client("glue", region), GoldTag(SparkSession.builder.appName("deftunes").getOrCreate()))
    window = date.fromisoformat(getattr(args, "from")), date.fromisoformat(args.to)
    try:
        return build_and_publish(silver, window, act)
    except Problem as problem:
        return {"problem": problem.as_dict()}


@contextmanager
def demonstration(argv: Sequence[str]) -> Iterator[None]:
    """The source of a demonstration, for as long as the context lasts, if --demo-code says that there is one.

    Raises Problem when it cannot be made.
    """
    if "--demo-code" not in argv:
        yield
        return
    folder, region = Path(tempfile.mkdtemp(prefix="demo-")), value(argv, "--s3-region")
    modules = [unpacked(value(argv, f"--demo-{part}"), folder / part, region) for part in ("packages", "code")]
    others = [os.environ["PYTHONPATH"]] if os.environ.get("PYTHONPATH") else []
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*map(str, modules), *others])}
    dataset = ("--seed", value(argv, "--demo-seed"), "--scale", value(argv, "--demo-scale"))
    if value(argv, "--table") == "songs":
        fill_song_database(argv, dataset, environment)
        yield
        return
    with mock_api(urlsplit(value(argv, "--api-url")).port or 80, dataset, environment, folder / "log"):
        yield


def fill_song_database(argv: Sequence[str], dataset: Sequence[str], environment: Mapping[str, str]) -> None:
    """Makes table deftunes.songs, unless it is there. Raises Problem."""
    from spark_jobs.problem import Problem

    address = value(argv, "--source-url").removeprefix("jdbc:postgresql://")
    dsn = f"postgresql://{value(argv, '--source-user')}@{address}"
    command = [sys.executable, "-m", "mock_api.load", "--if-absent", "--dsn", dsn, *dataset]
    with_password = {**environment, "PGPASSWORD": os.environ["SOURCE_PASSWORD"]}
    done = subprocess.run(command, env=with_password, capture_output=True, text=True, check=False)
    sys.stdout.write(done.stdout + done.stderr)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        way_out = "correct what it names, then run again; or give a source_database of your own: docs/aws.md"
        raise Problem("The songs of the demonstration could not be made", dsn, reason[:600], way_out)


@contextmanager
def mock_api(port: int, dataset: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[None]:
    """The mock API on a port of loopback. Raises Problem when it does not answer."""
    from spark_jobs.problem import Problem

    with log.open("wb") as words:
        command = [sys.executable, "-m", "mock_api", "--port", str(port), *dataset]
        server = subprocess.Popen(command, env=dict(environment), stdout=words, stderr=words)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not answers(port):
            if server.poll() is not None or time.monotonic() > deadline:
                reason = (log.read_text(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
                way_out = "see the message, then run again; or give an api_url of your own: docs/aws.md"
                raise Problem("The API of the demonstration does not answer", f"port {port}", reason[:600], way_out)
            time.sleep(0.2)
        yield
    finally:
        server.terminate()
        server.wait()


def answers(port: int) -> bool:
    """True if something listens on this port of loopback."""
    with socket.socket() as connection:
        connection.settimeout(1)
        return connection.connect_ex(("127.0.0.1", port)) == 0


def run(argv: Sequence[str]) -> dict[str, Any]:
    """The summary of a job of spark_jobs."""
    from pyspark.sql import SparkSession

    from spark_jobs.main import run
    from spark_jobs.problem import Problem

    os.environ["SOURCE_PASSWORD"] = secret(argv, "--source-secret-arn", "password")
    os.environ["API_SECRET"] = secret(argv, "--api-secret-arn", "secret")
    try:
        with demonstration(argv):
            return run(verb_first(argv), lambda: SparkSession.builder.appName("deftunes").getOrCreate())
    except Problem as problem:
        return {"problem": problem.as_dict()}


def main(argv: Sequence[str]) -> None:
    os.environ["AWS_REGION"] = value(argv, "--s3-region")
    summary = build(argv) if value(argv, "--verb") == "build" else run(argv)
    text = json.dumps(summary, default=str)
    sys.stdout.write(text + "\n")
    if runs := value(argv, "--runs-uri"):
        name = f"{runs}/{value(argv, '--run-id')}/{value(argv, '--verb')}-{value(argv, '--table')}.json"
        client("s3", value(argv, "--s3-region")).put_object(**object_of(name), Body=text.encode())
    if "problem" in summary:
        raise SystemExit("{what}. Where: {where}. Value: {value}. What to do: {way_out}".format(**summary["problem"]))


if __name__ == "__main__":
    main(sys.argv[1:])
