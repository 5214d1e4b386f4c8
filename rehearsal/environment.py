"""The environment: every emulator started, terraform/ applied to them, and all of it ended and freed again."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deftunes import target
from deftunes.services import lifecycle, passwords
from deftunes.services.lifecycle import Endpoints
from rehearsal import mock_api, object_store, warehouse
from rehearsal.checkout import checkout
from rehearsal.glue.emulators import Emulators
from rehearsal.glue.roles import client
from rehearsal.mock_api import MockApi
from rehearsal.platform import Platform, Source
from rehearsal.processes import process, wait_for_answer
from rehearsal.warehouse import Warehouse

FOLDER = "var/rehearsal"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Environment:
    """The rehearsal: the checkout that was deployed, where it answers, and what Terraform made."""

    root: Path
    emulators: Emulators
    platform: Platform
    source: Source
    warehouse: Warehouse
    api: MockApi
    outputs: dict[str, str]


@contextmanager
def environment(project: Path, seed: int, scale: float, say: Say) -> Iterator[Environment]:
    """The platform with nothing in its lake. All of it ends with the context; var/rehearsal stays."""
    folder = project / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with ExitStack() as ending:
        built = object_store.program(project)
        root = checkout(project, folder / "checkout")
        say("the sources: the mock API and the song database")
        api = ending.enter_context(mock_api.serving(root, folder, seed, scale))
        ending.callback(lifecycle.down, root)
        ends = lifecycle.up(target.load("embedded", root, {"API_URL": api.url}), seed, scale)
        emulators = Emulators.on_free_ports(root, folder)
        say("emulated AWS: MinIO, moto and the Redshift front")
        ending.enter_context(object_store.serving(built, emulators))
        house = ending.enter_context(warehouse.serving(root, emulators))
        ending.enter_context(aws(project, emulators, house))
        source = _source(emulators, ends)
        platform = Platform(root, emulators)
        say("terraform apply, which stops halfway the first time")
        platform.prepare()
        platform.apply_only("module.network", source)
        outputs = platform.apply(source)
        yield Environment(root, emulators, platform, source, house, api, outputs)


@contextmanager
def aws(
    project: Path, emulators: Emulators, house: Warehouse, database: Mapping[str, Any] | None = None
) -> Iterator[None]:
    """moto's server with what rehearsal/aws/ adds. `database`: port, user and password of what RDS's instances are."""
    port = int(emulators.aws_url.rsplit(":", 1)[1])
    settings = {"port": port, "emulators": emulators.as_text(), "warehouse": house.connection(), "database": database}
    path = emulators.folder / "aws.json"
    passwords.write_private(path, json.dumps(settings))
    command = [str(project / ".venv/rehearsal/bin/python"), "-m", "rehearsal.aws", str(path)]
    with process("aws", command, emulators.folder, {"PYTHONPATH": str(project)}, cwd=project) as running:
        wait_for_answer(running, emulators.aws_url)
        yield


def _source(emulators: Emulators, ends: Endpoints) -> Source:
    """The song database as one of the user's own: its password in a secret, which a key encrypts."""
    key = client("kms", emulators.aws_url).create_key(Description="the song database's")["KeyMetadata"]["Arn"]
    manager = client("secretsmanager", emulators.aws_url)
    text = json.dumps({"password": ends.source_password})
    secret = manager.create_secret(Name="songs", SecretString=text, KmsKeyId=key)["ARN"]
    return Source(ends.api_url, ends.source_dsn, secret, key)
