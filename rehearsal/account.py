"""An account of AWS, as whoever has its credentials meets it, on this machine: for programs that know of no rehearsal.

The environment says where AWS answers. Terraform gets one file more beside each root, and one for its backend: moto
keeps what buckets are, and AWS_ENDPOINT_URL_S3 leads to what is in them.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rehearsal import object_store, postgres, warehouse
from rehearsal.checkout import checkout
from rehearsal.environment import aws
from rehearsal.glue.emulators import Emulators, administrator, injected_environment

PROVIDER = """
provider "aws" {{
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true

  endpoints {{
    s3 = "{url}"
  }}
}}
"""
BACKEND = """
use_path_style              = true
skip_credentials_validation = true
skip_metadata_api_check     = true
skip_requesting_account_id  = true
endpoints                   = {{ s3 = "{url}" }}
"""
# As terraform/modules/postgres names the demonstration's.
DATABASE = "deftunes"


@dataclass(frozen=True)
class Account:
    """`root`: a checkout to work in; `environment`: of a shell that is signed in; `emulators`: what stands behind."""

    root: Path
    environment: dict[str, str]
    emulators: Emulators


@contextmanager
def account(project: Path, folder: Path) -> Iterator[Account]:
    """An account with nothing in it. All of it ends with the context; the folder stays."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with ExitStack() as ending:
        built = object_store.program(project)
        root = checkout(project, folder / "checkout")
        emulators = Emulators.on_free_ports(root, folder)
        for name in ("terraform", "terraform/bootstrap"):
            (root / name / "rehearsal_override.tf").write_text(PROVIDER.format(url=emulators.aws_url))
        backend = folder / "backend.hcl"
        backend.write_text(BACKEND.format(url=emulators.aws_url))
        ending.enter_context(object_store.serving(built, emulators))
        house = ending.enter_context(warehouse.serving(root, emulators))
        (folder / "rds").mkdir()
        port, password = ending.enter_context(postgres.serving(root, folder / "rds")), secrets.token_hex(12)
        postgres.create_database(port, DATABASE, DATABASE, password)
        ending.enter_context(aws(project, emulators, house, {"port": port, "user": DATABASE, "password": password}))
        shell = {
            **os.environ,
            **injected_environment(emulators, administrator(emulators)),
            "TF_CLI_ARGS_init": f"-backend-config={backend}",
        }
        yield Account(root, {name: value for name, value in shell.items() if value}, emulators)
