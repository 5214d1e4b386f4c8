"""`make aws-smoke` in an account that is emulated: from the bucket of the state to a list of what is left."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from rehearsal.account import Account, account

PROJECT = Path(__file__).parents[3]
SCALE = "0.05"


@pytest.fixture
def opened() -> Iterator[Account]:
    with account(PROJECT, PROJECT / "var/smoke-rehearsal") as opened:
        yield opened


def test_smoke_test_goes_from_nothing_to_nothing(opened: Account) -> None:
    asked = {"YES": "1", "ALERT_EMAIL": "data@example.com", "SCALE": SCALE, "PYTHONPATH": str(opened.root)}
    command = [str(opened.root / ".venv/lake/bin/python"), "-m", "rehearsal.smoke"]

    done = subprocess.run(
        command,
        cwd=opened.root,
        env={**opened.environment, **asked},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    steps = [line.split(" s  ", 1)[1] for line in done.stdout.splitlines() if " s  " in line]
    assert [step for step in steps if step.startswith(("apply", "one day", "a second plan", "destroy", "what is"))] == [
        "apply: the bucket of the state",
        "apply: the platform",
        "one day, 2020-01-01: deftunes run --target aws",
        "a second plan",
        "destroy: the platform",
        "destroy: the bucket of the state",
        "what is left",
    ]
    assert [step for step in steps if step.endswith("rules passed") and not step.strip().startswith("0")]
    s3 = boto3.client(
        "s3",
        endpoint_url=opened.emulators.s3_url,
        aws_access_key_id=opened.emulators.s3_user,
        aws_secret_access_key=opened.emulators.s3_password,
        region_name=opened.environment["AWS_REGION"],
    )
    assert s3.list_buckets()["Buckets"] == []
    made = json.loads((opened.root / "var/smoke/smoke.tfstate").read_text())
    assert made["resources"] == []
