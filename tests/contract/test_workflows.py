"""What the forge is told: workflows call targets that exist, by actions that stay what they are, and may do little."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
TEXTS = [*WORKFLOWS, *(ROOT / ".github/actions").glob("*/action.yml"), ROOT / ".pre-commit-config.yaml"]
PARTS = {"test-spark", "test-others"}  # of make test
PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def jobs() -> dict[str, dict[str, Any]]:
    return {
        f"{path.stem}.{name}": job
        for path in WORKFLOWS
        for name, job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items()
    }


def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_action_is_named_by_its_commit(path: Path) -> None:
    used = re.findall(r"uses: (.*)", path.read_text(encoding="utf-8"))
    assert [action for action in used if not action.startswith("./") and not PINNED.fullmatch(action)] == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_targets_of_make_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = re.findall(r"(?:run|entry|name): make ([a-z][a-z -]*?)(?= [A-Z]| #|$)", text, re.MULTILINE)
    matrix = re.findall(r"\{target: ([a-z-]+)", text)
    assert {target for line in named for target in line.split()} | set(matrix) <= make_targets()


def test_gate_has_every_test_target_and_every_machine() -> None:
    text = (ROOT / ".github/workflows/gate.yml").read_text(encoding="utf-8")
    tests = {
        target for target in make_targets() if re.fullmatch(r"test(-.*)?|check(-terraform|-spec|-alerts)?", target)
    }
    assert {
        target for target in tests - PARTS - {"test-stack"} if not re.search(rf"(make|target:) {target}\b", text)
    } == set()
    assert ".ci/stack" in text  # which is make test-stack, with an engine
    assert {"ubuntu-24.04", "ubuntu-24.04-arm", "macos-15"} <= set(re.findall(r"[\w.-]+", text))


def test_jobs_may_read_and_end_in_time() -> None:
    for path in WORKFLOWS:
        assert yaml.safe_load(path.read_text(encoding="utf-8"))["permissions"] == {"contents": "read"}
    assert [name for name, job in jobs().items() if "timeout-minutes" not in job and "environment" not in job] == []


def test_versions_of_the_runtime_are_left_out_of_proposals() -> None:
    runtime = tomllib.loads((ROOT / "targets/runtime.toml").read_text(encoding="utf-8"))
    [python] = [
        each
        for each in yaml.safe_load((ROOT / ".github/dependabot.yml").read_text(encoding="utf-8"))["updates"]
        if each["package-ecosystem"] == "pip"
    ]
    ignored = {each["dependency-name"] for each in python["ignore"]}
    assert ignored == {*runtime["python"], *runtime["glue"]["packages"], "apache-airflow*"}


def test_difference_of_data_wants_commits_that_exist() -> None:
    done = subprocess.run([ROOT / ".ci/data_diff", "no-such-commit"], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "no-such-commit" in done.stderr or "Needed a single revision" in done.stderr


def test_check_of_documents_says_all_that_is_wrong(tmp_path: Path) -> None:
    """One document that is wrong does not keep the next from being looked at, and make fails in the end."""
    called, program = tmp_path / "called", tmp_path / "schema"
    program.write_text(f'#!/bin/sh\necho "$@" >> {called}\nexit 1\n')
    program.chmod(0o755)
    ready = ["--old-file", ".venv/check/.complete", "--old-file", ".venv/made_at"]
    done = subprocess.run(["make", *ready, "check-documents", f"SCHEMA={program}"], cwd=ROOT, check=False)
    assert done.returncode != 0
    documents = [*TEXTS[:-1], *(ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"), ROOT / ".github/dependabot.yml"]
    documents += (ROOT / "contracts").glob("*.yaml")
    seen = called.read_text()
    assert len(documents) > 8
    assert [path for path in documents if str(path.relative_to(ROOT)) not in seen] == []


def test_every_check_runs_whatever_the_others_found() -> None:
    """make check goes on after a check that fails: make itself is asked what it would do."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^check: .*\n\t(.*)$", text, re.MULTILINE)
    assert recipe is not None
    assert recipe[1] == "@$(MAKE) --keep-going $(CHECKS)"
    for name in re.findall(r"^(check-[a-z-]+): (?!.*## )", text, re.MULTILINE):
        lines = re.search(rf"^{name}:.*\n((?:\t.*\n)+)", text, re.MULTILINE)
        assert lines is not None
        assert len(re.sub(r"\\\n", "", lines[1]).splitlines()) == 1, f"{name} stops at its first line that fails"
