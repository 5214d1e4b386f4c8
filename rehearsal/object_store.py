"""MinIO, which holds S3's objects: its program and its server. Its buckets are moto's (rehearsal/aws/s3_objects.py)."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rehearsal.glue.emulators import REGION, Emulators
from rehearsal.glue.roles import client
from rehearsal.processes import process, wait_for_answer


class BuildError(Exception):
    """MinIO could not be built; the message holds what Go said."""


def program(root: Path) -> Path:
    """var/bin/minio, built of the module that services/minio/Dockerfile names. Raises BuildError."""
    module = re.search(r"github\.com/minio/minio@\S+", (root / "services/minio/Dockerfile").read_text())
    assert module  # the stack is built of it too
    built, made_of = root / "var/bin/minio", root / "var/bin/minio.module"
    if built.is_file() and made_of.is_file() and made_of.read_text() == module.group():
        return built
    built.parent.mkdir(parents=True, exist_ok=True)
    go = shutil.which("go") or str(root / ".venv/go/bin/go")
    environment = {**os.environ, "GOBIN": str(built.parent), "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
    command = [go, "install", "-trimpath", "-ldflags", "-s -w", module.group()]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    made_of.write_text(module.group())
    return built


@contextmanager
def serving(built: Path, emulators: Emulators) -> Iterator[None]:
    """The server, for as long as the context lasts."""
    host = emulators.s3_url.removeprefix("http://")
    environment = {
        "MINIO_ROOT_USER": emulators.s3_user,
        "MINIO_ROOT_PASSWORD": emulators.s3_password,
        "MINIO_SITE_REGION": REGION,
        "MINIO_DOMAIN": f"s3.{REGION}.amazonaws.com",  # buckets have names below it
    }
    command = [str(built), "server", str(emulators.folder / "minio"), "--address", host, "--quiet"]
    with process("minio", command, emulators.folder, {**environment, "MINIO_BROWSER": "off"}) as running:
        wait_for_answer(running, f"{emulators.s3_url}/minio/health/ready")
        yield


def main() -> None:
    """`python -m rehearsal.object_store`: builds MinIO, unless it is there."""
    sys.stdout.write(f"  {program(Path.cwd())}\n")


def administrator(emulators: Emulators) -> Any:
    """A client that may do everything in MinIO: for what stands beside the platform."""
    return client("s3", emulators.s3_url, emulators.s3_user, emulators.s3_password)


if __name__ == "__main__":
    main()
