"""The smoke test itself, with a Terraform that notes how it is called: the order of its steps, and how it ends."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from rehearsal import left, smoke
from rehearsal.smoke import Account, Dataset, Smoke, SmokeError, Terraform

ACCOUNT = Account("123456789012", "eu-west-1", "smoke", "data@example.com")
TERRAFORM = """#!/bin/sh
root=$(basename "${1#-chdir=}"); verb=$2
echo "$root $verb" >> "$CALLS"
echo "$*" >> "$CALLS.whole"
case "$root $verb" in
  *" output") echo '{"backend": {"value": "bucket = x"}, "landing_uri": {"value": "s3://lake/landing"}}' ;;
  "$FAILS") echo "Error: DependencyViolation" >&2; exit 1 ;;
  *" plan") echo "  # aws_vpc.this will be updated in-place"; exit "${CHANGES:-0}" ;;
esac
"""
BUILT = [
    "bootstrap init",
    "bootstrap apply",
    "bootstrap output",
    "terraform init",
    "terraform apply",
    "terraform output",
]
GONE = ["terraform destroy", "bootstrap destroy"]


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The list of calls, a line `root verb` each."""
    program = tmp_path / "bin/terraform"
    program.parent.mkdir()
    program.write_text(TERRAFORM)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("FAILS", "nothing")
    monkeypatch.delenv("KEEP", raising=False)
    monkeypatch.setattr(smoke, "DESTROY_PAUSE_S", 0)
    return tmp_path / "calls"


@pytest.fixture
def test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Path) -> Smoke:
    """A smoke test whose runs, evaluation and comparison pass, and after which nothing is left."""
    (tmp_path / "copy/terraform/bootstrap").mkdir(parents=True)
    monkeypatch.setattr(Smoke, "deftunes", lambda *_: "")
    monkeypatch.setattr(Smoke, "evaluate", lambda *_: [{"Result": "PASS"}])
    monkeypatch.setattr(Smoke, "compare", lambda *_: [])
    monkeypatch.setattr(smoke, "check_parity", lambda _: None)
    monkeypatch.setattr(left, "resources", lambda *_: [])
    return Smoke(tmp_path / "copy", ACCOUNT, Dataset(42, 0.1), lambda _: None)


def test_it_builds_and_destroys_in_this_order(test: Smoke, calls: Path) -> None:
    test.run()
    assert calls.read_text().splitlines() == [*BUILT, "terraform plan", *GONE]
    assert (test.root / "terraform/backend.hcl").read_text() == "bucket = x"


def test_it_deploys_the_demonstration_under_its_own_name_and_may_delete_data(test: Smoke, calls: Path) -> None:
    test.run()
    [applied] = [line for line in Path(f"{calls}.whole").read_text().splitlines() if "/terraform apply" in line]
    assert "name=smoke" in applied
    assert "on_destroy=delete" in applied
    assert f"demonstration={json.dumps({'seed': 42, 'scale': 0.1})}" in applied
    assert "api_url" not in applied


@pytest.mark.parametrize("step", ["deftunes", "evaluate", "compare"])
def test_a_step_that_fails_leaves_nothing_behind(
    test: Smoke, calls: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fails(*_: object) -> None:
        raise SmokeError("it failed")

    monkeypatch.setattr(Smoke, step, fails)
    with pytest.raises(SmokeError, match="it failed"):
        test.run()
    assert calls.read_text().splitlines()[-2:] == GONE


def test_an_apply_that_fails_halfway_is_destroyed(test: Smoke, calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILS", "terraform apply")
    with pytest.raises(SmokeError, match="DependencyViolation"):
        test.run()
    assert calls.read_text().splitlines()[-2:] == GONE


def test_keep_leaves_a_failed_platform_to_be_looked_at(
    test: Smoke, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILS", "terraform apply")
    monkeypatch.setenv("KEEP", "1")
    with pytest.raises(SmokeError):
        test.run()
    assert "destroy" not in calls.read_text()


def test_a_second_plan_that_changes_something_is_a_failure(
    test: Smoke, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHANGES", "2")
    with pytest.raises(SmokeError, match=r"not empty:\n  # aws_vpc\.this"):
        test.run()
    assert calls.read_text().splitlines()[-2:] == GONE


def test_a_destroy_that_stops_is_tried_again(test: Smoke, calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILS", "terraform destroy")
    with pytest.raises(SmokeError, match="DependencyViolation"):
        test.run()
    assert calls.read_text().count("terraform destroy") == smoke.DESTROY_TRIES


def test_what_is_left_is_a_failure_unless_aws_deletes_it_by_itself(
    test: Smoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = left.Left("kms", "key/1", is_going=True)
    monkeypatch.setattr(left, "resources", lambda *_: [key])
    test.run()
    monkeypatch.setattr(left, "resources", lambda *_: [key, left.Left("rds", "smoke-source")])
    with pytest.raises(SmokeError, match="1 things are left: rds: smoke-source"):
        test.run()


def test_nothing_is_begun_without_a_yes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("YES", raising=False)
    for answer, expected in (("yes\n", True), ("y\n", False), ("", False)):
        monkeypatch.setattr("sys.stdin", __import__("io").StringIO(answer))
        assert smoke.is_agreed(ACCOUNT) is expected
    printed = capsys.readouterr().out
    assert "account 123456789012, eu-west-1" in printed
    assert f"about {smoke.EXPECTED_USD} USD" in printed


@pytest.mark.parametrize(
    ("found", "is_ours"),
    [
        ("smoke", True),
        ("smoke-refine", True),
        ("/aws/rds/instance/smoke-source/postgresql", True),
        ("arn:aws:sns:eu-west-1:123456789012:smoke-alerts", True),
        ("alias/smoke", True),
        ("deftunes_silver", True),
        ("smokehouse", False),
        ("deftunes-refine", False),
    ],
)
def test_a_thing_is_ours_by_the_beginning_of_its_name(found: str, is_ours: bool) -> None:
    assert left.is_ours(found, "smoke") is is_ours


def test_a_root_that_keeps_its_state_here_gets_the_file(calls: Path, tmp_path: Path) -> None:
    Terraform(tmp_path, {"name": "smoke"}, tmp_path / "s.tfstate").apply()
    assert f"-state={tmp_path}/s.tfstate" in Path(f"{calls}.whole").read_text()


def test_what_questions_by_name_answer_for_is_not_left_because_of_its_tag() -> None:
    """AWS tells the tags of what is gone for a while; of a subnet it has nothing else to tell."""
    job, subnet = (
        f"arn:aws:{rest}" for rest in ("glue:eu-west-1:1:job/smoke-build", "ec2:eu-west-1:1:subnet/subnet-0")
    )
    pages = [{"ResourceTagMappingList": [{"ResourceARN": arn} for arn in (job, subnet)]}]
    tags = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=lambda **_: pages))
    session = SimpleNamespace(client=lambda name: tags if name == "resourcegroupstaggingapi" else None)
    assert list(left.resources_by_tag(session, "smoke")) == [left.Left("ec2", subnet)]
