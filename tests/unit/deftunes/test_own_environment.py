"""Our own process, and the shell it was started from."""

import json
import subprocess
from pathlib import Path

import pytest

from deftunes.system.own_environment import IGNORED, own_environment, terminal_charset, with_chosen_target
from deftunes.system.program_environment import PROXIES
from tests.foreign_shell import FOREIGN

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[3]
PATH = {"PATH": "/usr/bin:/bin"}


@pytest.mark.parametrize("name", sorted(FOREIGN))
def test_foreign_variable_is_not_handed_on(name: str) -> None:
    calm = own_environment(PROJECT, PATH)
    found = own_environment(PROJECT, {**PATH, name: FOREIGN[name]})
    differs = {key for key in found if found[key] != calm.get(key)} - {IGNORED}
    is_proxy = name.lower() in PROXIES
    expected = {name.lower(), "no_proxy"} if is_proxy else {"PYTHONIOENCODING"} if name == "LC_ALL" else set()
    assert differs == expected


def test_settings_of_the_shell_arrive_in_a_run() -> None:
    given = {
        "API_URL": "https://api.example",
        "API_TOKEN": "t",
        "SOURCE_DSN": "postgresql://me@db.example/songs",
        "SOURCE_PASSWORD": "p$w",
        "CATALOG_PORT": "1234",
        "MAX_QUARANTINE_SHARE": "0.5",
        "DEFTUNES_TRACE": "1",
        "TERM": "xterm",
    }
    assert given.items() <= own_environment(PROJECT, given).items()


def test_a_key_of_the_target_is_overridden_by_its_name_with_our_prefix() -> None:
    found = own_environment(PROJECT, {"WAREHOUSE_PATH": "/theirs", "DEFTUNES_SERVING_PATH": "/ours"})
    assert ("WAREHOUSE_PATH" in found, found["SERVING_PATH"]) == (False, "/ours")
    assert found[IGNORED] == "WAREHOUSE_PATH"


def test_where_others_run_the_services_their_environment_is_heeded_except_dbts_target() -> None:
    theirs = {
        "DEFTUNES_TARGET": "compose",
        "CATALOG_URI": "http://catalog:1",
        "AWS_ACCESS_KEY_ID": "k",
        "CATALOG_TOKEN": "t",
        "_SPARK_AUTH_SECRET": "s",
        "HOME": "/home/deftunes",
    }
    found = own_environment(PROJECT, {**theirs, "DBT_TARGET": "prod", "PGSSLMODE": "require"})
    assert theirs.items() <= found.items()
    assert found[IGNORED] == "DBT_TARGET PGSSLMODE"


@pytest.mark.parametrize(
    ("environ", "charset"),
    [
        ({}, "utf-8"),
        ({"LANG": "C"}, "utf-8"),
        ({"LANG": "de_DE"}, "utf-8"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.ISO-8859-15@euro"}, "iso8859-15"),
        ({"LC_CTYPE": "ja_JP.eucJP", "LANG": "en_US.UTF-8"}, "euc_jp"),
        ({"LC_ALL": "en_US.of-nobody"}, "utf-8"),
    ],
)
def test_charset_of_a_terminal_is_that_of_its_locale(environ: dict[str, str], charset: str) -> None:
    assert terminal_charset(environ) == charset


def deftunes(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    program = PROJECT / ".venv/lake/bin/deftunes"
    return subprocess.run([program, *arguments], env=PATH | environment, capture_output=True, check=False, timeout=120)


def test_program_starts_in_any_shell(tmp_path: Path) -> None:
    """A module of the user's called duckdb, re or sitecustomize is not imported, not even by Python's own start."""
    for name in ("duckdb", "re", "os", "typer", "sitecustomize", "deftunes"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('foreign')")
    done = deftunes("query", "select 1 as one", "--json", **FOREIGN, PYTHONPATH=str(tmp_path))
    refused = b"Nothing was published yet" in done.stdout
    assert refused or json.loads(done.stdout) == [{"one": 1}], done.stdout + done.stderr
    assert b"Error" not in done.stderr


def test_symbols_degrade_on_a_terminal_that_has_none() -> None:
    done = deftunes("doctor", LC_ALL="en_US.ISO-8859-1")
    assert b"Traceback" not in done.stderr
    done.stdout.decode("ascii")
    assert b"+  Python 3.11" in done.stdout


def test_doctor_names_what_is_not_heeded() -> None:
    done = deftunes("doctor", "--json", JAVA_TOOL_OPTIONS="-Dx=y", DBT_EMPTY="true")
    findings = {each["what"]: each for each in json.loads(done.stdout)}
    assert findings["variables of the shell"]["detail"] == "not heeded: DBT_EMPTY, JAVA_TOOL_OPTIONS"
    assert findings["Java 17"]["ok"]


def test_an_empty_variable_is_no_setting_that_is_not_heeded() -> None:
    """In the containers, parts of one's own that are not given are empty variables."""
    environ = {"DEFTUNES_TARGET": "compose", "SOURCE_DSN": "", "CATALOG_URI": "", "JAVA_TOOL_OPTIONS": "-Dx=y"}
    assert own_environment(Path("/checkout"), environ)[IGNORED] == "JAVA_TOOL_OPTIONS"


@pytest.mark.parametrize("words", [["run", "--target", "aws"], ["status", "--target=aws", "--json"]])
def test_credentials_of_aws_are_kept_for_that_target_alone(words: list[str]) -> None:
    """boto3 finds them by the shell's variables, and by files in the user's home."""
    shell = {"AWS_PROFILE": "mine", "AWS_SESSION_TOKEN": "t", "HOME": "/home/me", "JAVA_TOOL_OPTIONS": "-Dx=y"}
    on_aws = own_environment(Path("/checkout"), with_chosen_target(words, shell))
    assert {name: on_aws.get(name) for name in shell} == {**shell, "JAVA_TOOL_OPTIONS": None}
    assert on_aws["DEFTUNES_TARGET"] == "aws"
    here = own_environment(Path("/checkout"), with_chosen_target(words[:1], shell))
    assert "AWS_PROFILE" not in here
    assert here["HOME"] == "/checkout/var/tmp"
