"""What a job is started with: its arguments hold no secret, and a setting that holds one is refused before."""

from dataclasses import replace
from pathlib import Path

import pytest

from deftunes import target
from deftunes.run.job_arguments import api_secret, job_arguments
from deftunes.run.steps import MAINTENANCE
from deftunes.services import passwords
from deftunes.services.mock_source import MockSource
from spark_jobs.problem import Problem

ROOT = Path(__file__).parents[3]


def _target(tmp_path: Path, **overrides: str) -> target.Target:
    return replace(target.load("embedded", ROOT, overrides), root=tmp_path)


def test_secret_of_the_api_is_the_variable_else_the_file_else_the_line_of_secrets(tmp_path: Path) -> None:
    wanted = _target(tmp_path, API_AUTH="bearer")
    (tmp_path / "var").mkdir()
    passwords.write(tmp_path, {"API_SECRET": "stored"})
    (tmp_path / "secret").write_text("of the file\n")
    file = {"API_SECRET_FILE": str(tmp_path / "secret")}

    assert api_secret(wanted, {}) == "stored"
    assert api_secret(wanted, file) == "of the file"
    assert api_secret(wanted, {**file, "API_SECRET": "given"}) == "given"
    assert api_secret(_target(tmp_path), {"API_SECRET": "given"}) == ""  # nobody asks for it


def test_made_passwords_leave_the_secret_of_the_api_alone(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    passwords.write(tmp_path, {"API_SECRET": "stored"})

    made, _ = passwords.ensure(tmp_path)

    assert made["API_SECRET"] == "stored"
    assert passwords.load(tmp_path)["API_SECRET"] == "stored"


def test_arguments_hold_the_settings_and_no_secret(tmp_path: Path) -> None:
    wanted = _target(
        tmp_path, API_URL="https://api.example/v1", API_AUTH="oauth:me", API_TOKEN_URL="https://login.example/t"
    )

    arguments = job_arguments(wanted, "land", "users", "2020-01-01", "2020-01-02", "run")

    options = dict(zip(arguments[1::2], arguments[2::2], strict=True))
    assert {name: value for name, value in options.items() if name.startswith("--api")} == {
        "--api-url": "https://api.example/v1",
        "--api-auth": "oauth:me",
        "--api-token-url": "https://login.example/t",
        "--api-scope": "none",
    }


@pytest.mark.parametrize(
    ("overrides", "environ", "message"),
    [
        ({"API_AUTH": "bearer hunter2"}, {}, "API_AUTH cannot be used"),
        ({"API_AUTH": "bearer"}, {}, "API_SECRET cannot be used.*give the secret as API_SECRET"),
        ({"API_AUTH": "bearer"}, {"API_SECRET_FILE": "/no/such/file"}, "API_SECRET_FILE cannot be read"),
        ({"API_AUTH": "bearer"}, {"API_SECRET_FILE": "/dev/null"}, "give the secret as API_SECRET"),
    ],
)
def test_setting_that_cannot_be_used_is_refused_without_its_secret(
    overrides: dict[str, str], environ: dict[str, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(Problem, match=message) as refused:
        api_secret(_target(tmp_path, **overrides), environ)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("table", [step.table for step in MAINTENANCE])
@pytest.mark.parametrize("mock", [None, MockSource(42, 1.0)])
def test_every_table_that_is_maintained_has_arguments(tmp_path: Path, table: str, mock: MockSource | None) -> None:
    """The tables about runs have no source: asking for one ended their maintenance with a KeyError."""
    given = job_arguments(_target(tmp_path), "maintain", table, "2020-01-01", "2020-01-01", "r1", mock)
    assert given[:3] == ["maintain", "--table", table]
