"""A job's run: its definition read from Glue's API, its files fetched from S3, a process started as Glue starts it.

Glue hands the script `--key value` pairs and no environment. The arguments that Glue itself reads (`--conf`,
`--extra-py-files`, `--extra-jars`, ...) become Spark's.
"""

import json
import os
import re
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from deftunes.setup import jars, runtimes
from rehearsal.glue import roles
from rehearsal.glue.emulators import GLUES_CONF, MACHINE_CONF, Credentials, Emulators
from rehearsal.glue.reach import Reach, State, reach
from rehearsal.glue.sandbox import CREDENTIALS_URI

# docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
READ_BY_GLUE = {
    "--conf", "--custom-logGroup-prefix", "--datalake-formats", "--enable-auto-scaling", "--extra-jars",
    "--extra-py-files",
}  # fmt: skip

# What --datalake-formats iceberg puts on the class path, and what Glue reads s3:// with.
BROUGHT_BY_GLUE = ("iceberg-spark-runtime-3.5_2.12", "iceberg-aws-bundle", "hadoop-aws", "aws-java-sdk-bundle")
PROJECT = Path(__file__).resolve().parents[2]
STATE_KEY = "deftunes.tfstate"  # terraform/versions.tf


@dataclass(frozen=True)
class Process:
    """A run's process, and the folder of its files and words."""

    running: "subprocess.Popen[bytes]"
    folder: Path
    inside: "Inside"

    def outcome(self, timeout_s: float) -> tuple[str, str]:
        """(state, error message) as Glue gives them, when the process has ended or its time is up."""
        try:
            code = self.running.wait(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            return "TIMEOUT", f"Job run exceeded its timeout of {timeout_s / 60:g} minutes"
        finally:
            self.inside.close()
        if code == 0:
            return "SUCCEEDED", ""
        # spark-submit hands the script's words on, its last ones with them, and speaks itself on the other stream.
        output = [(self.folder / name).read_text(errors="replace").splitlines() for name in ("stderr", "stdout")]
        lines = [line for lines in output for line in lines if line.strip()]
        return "FAILED", f"SystemExit: {lines[-1] if lines else f'exit code {code}'}"

    def kill(self) -> None:
        """Ends the job and the sandbox around it, which are one group of processes."""
        os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait()


class Inside(Protocol):
    """A sandbox: its command line around a job's, and its end."""

    def command(self, job: list[str]) -> list[str]: ...

    def close(self) -> None: ...


class Gate(Protocol):
    """What stands in AWS's place before the emulators: rehearsal/aws/gate.py."""

    def enter(self, role: str, network: Reach, addresses: list[tuple[str, int]], folder: Path) -> Inside: ...


def start(emulators: Emulators, gate: Gate, job: str, run_id: str, arguments: dict[str, str]) -> Process:
    """The process of one run. Raises what boto3 raises for a job, a role or a file that is not there or not allowed."""
    definition = roles.client("glue", emulators.aws_url).get_job(JobName=job)["Job"]
    credentials = roles.credentials(emulators, definition["Role"])
    folder = emulators.folder / "runs" / f"{job}-{run_id[-12:]}"
    folder.mkdir(parents=True)
    files = fetched(emulators, credentials, definition, arguments, folder)
    command = command_line(emulators.root, files, own_arguments(job, run_id, arguments), conf(arguments))
    role = definition["Role"].rsplit("/", 1)[-1]
    inside = gate.enter(role, reach(state(emulators), job), addresses(arguments), folder)
    with (folder / "stdout").open("wb") as output, (folder / "stderr").open("wb") as log:
        running = subprocess.Popen(
            inside.command(command),
            cwd=folder,
            env=environment(emulators.root, emulators.folder),
            stdout=output,
            stderr=log,
            start_new_session=True,
        )
    return Process(running, folder, inside)


def state(emulators: Emulators) -> State:
    """What Terraform made: its state is a file of the rehearsal, or in the bucket that terraform/bootstrap makes."""
    path = emulators.folder / "terraform.tfstate"
    made: State = json.loads(path.read_bytes() if path.exists() else _state_in_s3(emulators))
    return made


def _state_in_s3(emulators: Emulators) -> bytes:
    s3 = roles.client("s3", emulators.aws_url)
    [bucket] = [each["Name"] for each in s3.list_buckets()["Buckets"] if "-state-" in each["Name"]]
    return bytes(s3.get_object(Bucket=bucket, Key=STATE_KEY)["Body"].read())


def addresses(arguments: dict[str, str]) -> list[tuple[str, int]]:
    """Host and port of each address that the job is given: of its sources, or of the warehouse.

    The API of a demonstration is made by the job itself, and so not outside of it.
    """
    is_own = {"--api-url"} if "--demo-code" in arguments else set()
    given = [value for name, value in arguments.items() if name not in is_own]
    found = (re.search(r"://([\d.]+):(\d+)", value) for value in given)
    sources = [(each[1], int(each[2])) for each in found if each]
    host = arguments.get("--warehouse-host")
    return [*sources, (host, int(arguments["--warehouse-port"]))] if host else sources


@dataclass(frozen=True)
class Files:
    """What a run fetched."""

    script: Path
    archives: list[Path]
    jars: list[Path]


def fetched(
    emulators: Emulators, credentials: Credentials, definition: dict[str, Any], arguments: dict[str, str], folder: Path
) -> Files:
    """The script, archives and jars of a run, fetched from S3 with what its role may read."""
    s3 = roles.client("s3", emulators.s3_url, credentials.key, credentials.secret, credentials.token)

    def fetch(uri: str) -> Path:
        bucket, key = uri.removeprefix("s3://").split("/", 1)
        to = folder / Path(key).name
        s3.download_file(bucket, key, str(to))
        return to

    def listed(name: str) -> list[Path]:
        return [fetch(uri) for uri in arguments.get(name, "").split(",") if uri]

    return Files(fetch(definition["Command"]["ScriptLocation"]), listed("--extra-py-files"), listed("--extra-jars"))


def conf(arguments: dict[str, str]) -> dict[str, str]:
    """Spark's settings: Glue's own, the job's --conf, and the machine's."""
    given = dict(pair.split("=", 1) for pair in arguments.get("--conf", "").split(" --conf ") if pair)
    return {**GLUES_CONF, **given, **MACHINE_CONF}


def own_arguments(job: str, run_id: str, arguments: dict[str, str]) -> list[str]:
    """What the script is called with: Glue's own names first, then the job's pairs."""
    own = {name: value for name, value in arguments.items() if name not in READ_BY_GLUE}
    pairs = {"--JOB_NAME": job, "--JOB_RUN_ID": run_id, **own}
    return [part for pair in pairs.items() for part in pair]


def command_line(root: Path, files: Files, arguments: list[str], settings: dict[str, str]) -> list[str]:
    """spark-submit with the fetched files, the settings and the script's arguments."""
    class_path = ":".join(map(str, [*jar_files(root, BROUGHT_BY_GLUE), *files.jars]))
    settings = {**settings, "spark.driver.extraClassPath": class_path}
    options = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
    archives = ["--py-files", ",".join(map(str, files.archives))] if files.archives else []
    return [str(root / ".venv/spark/bin/spark-submit"), *options, *archives, str(files.script), *arguments]


def jar_files(root: Path, artifacts: Sequence[str]) -> list[Path]:
    """These artifacts in var/jars, in the versions that requirements/ lists."""
    listed = {jar.artifact: jar.file for name in ("jars", "jars-s3") for jar in jars.read_jar_list(PROJECT, name)}
    return [root / "var/jars" / listed[artifact] for artifact in artifacts]


def environment(root: Path, home: Path) -> dict[str, str]:
    """The machine's own, with a double of Glue's own Python modules; of AWS's, only where a role's credentials are."""
    return {
        "PATH": f"{root}/.venv/spark/bin:{os.environ['PATH']}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "JAVA_HOME": str(runtimes.java_home(root)),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": str(root / ".venv/spark/bin/python"),
        "PYTHONPATH": str(root / "rehearsal/glue_doubles"),
        "REDSHIFT_SSLMODE": "disable",  # the front is on loopback, and has no TLS
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": CREDENTIALS_URI,
    }
