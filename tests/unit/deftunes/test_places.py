"""Where a checkout lies, whose it is, and what its commands were given: none of it is found out half way."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deftunes import target
from deftunes.setup import doctor, environments, runtimes
from deftunes.system import lock, var
from deftunes.system.var import VarError

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    var.make(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["plain", "données", "проект", "データ", "a.b+c@d~e-f_1"])
def test_checkout_may_lie_below_letters_of_any_language(tmp_path: Path, name: str) -> None:
    assert target.usable_root(tmp_path / name) == tmp_path / name


@pytest.mark.parametrize("character", [*" \t\n%;#:,?*\"'\\${}[]&|<>()!^`=", "\u0301", "\u00a0", "\U0001f3b5", "\udce9"])
def test_character_that_some_program_cannot_take_is_refused(tmp_path: Path, character: str) -> None:
    with pytest.raises(target.TargetError, match="move the checkout to a path of letters, digits and") as refused:
        target.usable_root(tmp_path / f"a{character}b")
    str(refused.value).encode()
    assert repr(character) in str(refused.value)


def test_place_is_refused_before_anything_is_installed(tmp_path: Path) -> None:
    bad = tmp_path / "a b"
    bad.mkdir()
    command = [PROJECT / ".venv/lake/bin/python", "-m", "deftunes.setup.environments", "uv"]
    done = subprocess.run(
        command, cwd=bad, env={"PYTHONPATH": str(PROJECT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "contains ' '" in done.stderr
    assert list(bad.iterdir()) == []


def test_lake_of_a_checkout_that_was_moved_or_copied_is_refused(root: Path, tmp_path: Path) -> None:
    var.check_place(root)
    (root / "var/lake/warehouse/deftunes_silver").mkdir(parents=True)
    var.check_place(root)
    copy = tmp_path / "copy"
    shutil.copytree(root / "var", copy / "var")
    with pytest.raises(VarError, match=f"were made at {root} .*move the checkout back, .*make clean"):
        var.check_place(copy)
    shutil.rmtree(copy / "var/lake/warehouse")
    var.check_place(copy)
    assert (copy / "var/lake/made_at").read_text() == f"{copy}\n"


def test_environment_of_a_checkout_that_was_moved_is_made_anew(tmp_path: Path) -> None:
    made = environments.folder(PROJECT, "lake")
    assert environments.is_sound(made)
    (tmp_path / "lake").symlink_to(made)
    assert not environments.is_sound(tmp_path / "lake")


def test_program_runs_the_code_of_the_checkout_around_it(tmp_path: Path) -> None:
    """A copied checkout ran, by the whole paths that installers write, the code of the first one on its data."""
    packages = tmp_path / runtimes.LAKE / runtimes.PACKAGES
    packages.mkdir(parents=True)
    (tmp_path / runtimes.LAKE / "bin").mkdir()
    (tmp_path / runtimes.LAKE / "bin/python").symlink_to((PROJECT / runtimes.LAKE / "bin/python").resolve())
    shutil.copy(PROJECT / runtimes.LAKE / "pyvenv.cfg", tmp_path / runtimes.LAKE)
    environments.write_launcher(tmp_path)
    (tmp_path / "deftunes").mkdir()
    (tmp_path / "deftunes/__main__.py").write_text("print(__file__)")
    elsewhere = tmp_path / "link"
    elsewhere.symlink_to(tmp_path / ".venv/lake/bin/deftunes")
    done = subprocess.run([elsewhere], cwd="/", capture_output=True, text=True, check=True)
    assert done.stdout == f"{tmp_path}/deftunes/__main__.py\n"


@pytest.mark.parametrize("path", ["var/run", "var/run/supervisord.conf", "var/logs/spark.log"])
def test_what_another_user_left_is_named_with_the_way_out(
    root: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """As after `sudo make run`: the run stops before it starts anything."""
    theirs = root / path
    theirs.touch()
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    monkeypatch.setattr(os, "access", lambda which, mode: mode != os.W_OK or Path(which) != theirs)
    me = "12345"
    with pytest.raises(
        VarError, match=f"{theirs} belongs to .*, and you are {me}: sudo make down && sudo chown -R {me}"
    ):
        lock.run_lock(root).__enter__()
    assert doctor.owner(root).way_out == f"sudo make down && sudo chown -R {me} {root}/var"


def test_environments_of_another_user_are_named_before_an_installer_fails(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = root / ".venv/lake"
    theirs.mkdir(parents=True)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    monkeypatch.setattr(os, "access", lambda which, mode: Path(which) != theirs)
    with pytest.raises(VarError, match=f"{theirs} belongs to .*: sudo chown -R 12345 {root}/.venv"):
        var.check_environments(root)


def test_root_does_not_take_over_the_database_of_a_user(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "var/postgres").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(var.server_user, "may_be", lambda user: False)
    monkeypatch.setattr(var, "_name", lambda user: "anna")
    with pytest.raises(VarError, match="belongs to anna, and you are anna: run it without sudo"):
        var.check_owner(root)


def make(*arguments: str, cwd: Path = PROJECT, **environment: str) -> str:
    command = ["make", "--no-print-directory", "--eval", "probe: ; @printenv SQL", *arguments]
    environ = {"PATH": os.environ["PATH"]} | environment
    return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize(
    "sql",
    [
        "select regexp_matches('abc','c$')",
        "select 'a$5b', '$(HOME)', \"${PATH}\", '$$'",
        "select 1 # no comment",
        "select 'it''s', \"x\" -- `echo` \\ !",
        "select\n1,\n\t2",
    ],
)
def test_what_make_is_given_arrives_as_it_was_written(sql: str) -> None:
    assert make("probe", f"SQL={sql}") == f"{sql}\n"
    assert make("probe", SQL=sql) == f"{sql}\n"


def test_project_of_compose_that_the_shell_names_is_not_ours_to_stop() -> None:
    """`make down` removes what is an orphan in its project: COMPOSE_PROJECT_NAME=other would be everything there."""
    print_it = ["--eval", "project: ; @echo [$$COMPOSE_PROJECT_NAME]", "project"]
    assert make(*print_it, COMPOSE_PROJECT_NAME="other") == "[]\n"
    assert make(*print_it, "COMPOSE_PROJECT_NAME=mine") == "[mine]\n"


def test_make_from_another_folder_shows_how_to_call_it(tmp_path: Path) -> None:
    command = ["make", "-f", PROJECT / "Makefile", "status"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert f"call it in its own folder: make -C {PROJECT}/" in done.stderr
    assert make("-C", str(PROJECT), "probe", "SQL=1", cwd=tmp_path) == "1\n"


def test_clone_with_autocrlf_has_the_same_bytes(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        config = ("-c", "core.autocrlf=true", "-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", *config, *arguments], cwd=tmp_path, capture_output=True, check=True)

    for name in (".gitattributes", "Makefile", "services/probe.sh", "targets/embedded.env"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(PROJECT / name, tmp_path / name)
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "all")
    for name in ("Makefile", "services/probe.sh", "targets/embedded.env"):
        (tmp_path / name).unlink()
    git("checkout", ".")
    assert (tmp_path / "services/probe.sh").read_bytes() == (PROJECT / "services/probe.sh").read_bytes()
    assert b"\r" not in (tmp_path / "Makefile").read_bytes()
