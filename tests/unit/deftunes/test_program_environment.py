"""What the shell may decide of a program's environment, and what it may not."""

import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from deftunes import target
from deftunes.services import postgres, programs, supervision
from deftunes.services import song_database as source
from deftunes.services.mock_source import MockSource
from deftunes.services.supervision import SupervisorError
from deftunes.setup import installers
from deftunes.system import program_environment
from deftunes.system.program_environment import way_out
from tests.foreign_shell import FOREIGN

PROJECT = Path(__file__).parents[3]
BY_US = {"HOME", "LANG", "LC_ALL", "PATH", "PYTHONPATH", "TMPDIR", "TZ"}
LOOPBACK = "localhost,127.0.0.1,::1"


def test_every_program_gets_the_same_few_variables(tmp_path: Path) -> None:
    found = program_environment.program_environment(tmp_path)
    assert found.keys() == BY_US
    assert (found["LC_ALL"], found["TZ"], found["TMPDIR"]) == ("C.UTF-8", "UTC", str(tmp_path / "var/tmp"))


def test_services_have_nothing_of_the_shell_but_proxies_and_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    before = rendered()
    for name, value in FOREIGN.items():
        if name.lower() not in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, value)
    assert rendered() == before


def test_worker_gets_the_proxies_and_starts_anew_with_others(monkeypatch: pytest.MonkeyPatch) -> None:
    before = rendered()
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    after = rendered()
    changed = [name for name in after if after[name] != before[name]]
    assert changed == ["spark"]
    assert 'https_proxy="http://proxy.example:3128"' in after["spark"]["environment"]
    assert f'no_proxy="{LOOPBACK}"' in after["spark"]["environment"]


def test_worker_starts_anew_with_another_certificate_of_the_same_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / "mine.pem"
    given.write_text("one")
    monkeypatch.setenv("SSL_CERT_FILE", str(given))
    before = rendered()
    given.write_text("two")
    after = rendered()
    assert [name for name in after if after[name] != before[name]] == ["spark"]


def test_mock_api_starts_anew_with_other_code(tmp_path: Path) -> None:
    (tmp_path / "mock_api").mkdir()
    source = MockSource(1, 1.0)
    environments = []
    for code in ("a = 1", "a = 2"):
        (tmp_path / "mock_api/songs.py").write_text(code)
        environments.append(programs.mock_api_program(tmp_path, 1, source).environment)
    assert environments[0] != environments[1]


def test_song_database_is_loaded_again_with_other_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mock_api").mkdir()
    code = tmp_path / "mock_api/songs.py"
    code.write_text("a = 1")
    comments: list[str] = [""]
    monkeypatch.setattr(source, "_own_server", lambda *given: nullcontext())
    monkeypatch.setattr(source, "_mark_earlier_load", lambda statements: None)
    monkeypatch.setattr(source, "_comment", lambda statements, query: comments[-1])
    monkeypatch.setattr(source, "_write_comment", lambda statements, text: comments.append(text))
    monkeypatch.setattr(source, "load", lambda *given: None)
    sources = [MockSource(1, 1.0), MockSource(1, 1.0), MockSource(2, 1.0)]
    assert [source.ensure_loaded(tmp_path, "postgresql://me@db/d", "p", each) for each in sources] == [
        True,
        False,
        True,
    ]
    code.write_text("a = 2")
    assert source.ensure_loaded(tmp_path, "postgresql://me@db/d", "p", sources[-1])


def test_value_that_supervisord_cannot_hand_on_is_named(tmp_path: Path) -> None:
    program = programs.Program("odd", ("true",), environment={"https_proxy": 'http://a"b'})
    with pytest.raises(SupervisorError, match=r"https_proxy has a '\"' in it"):
        supervision.program_section(tmp_path, program)


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY"])
def test_loopback_goes_through_no_proxy(name: str) -> None:
    found = way_out({name: "http://proxy.example:1", "NO_PROXY": "example.org, .inside"})
    assert found == {"http_proxy": "http://proxy.example:1", "no_proxy": f"example.org,.inside,{LOOPBACK}"}


def test_no_proxy_for_anything_is_no_proxy() -> None:
    assert way_out({"https_proxy": "http://proxy.example:1", "no_proxy": "*"}) == {}


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_certificates_are_known_to_every_library_by_their_whole_path(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.pem").touch()
    monkeypatch.chdir(tmp_path)
    mine = str(tmp_path / "mine.pem")
    assert way_out({name: "mine.pem"}) == {"SSL_CERT_FILE": mine, "REQUESTS_CA_BUNDLE": mine}


def test_certificates_that_are_not_there_are_not_handed_on() -> None:
    assert way_out({"SSL_CERT_FILE": "/nonexistent", "SSL_CERT_DIR": "/nonexistent"}) == {}


def test_installers_keep_the_addresses_and_not_the_places(tmp_path: Path) -> None:
    index = {"PIP_INDEX_URL": "https://index.example", "UV_INDEX_MINE_USERNAME": "me", "PIP_CONFIG_FILE": "/my.conf"}
    found = program_environment.set_up_environment(tmp_path, FOREIGN | index)
    ours = BY_US | {"http_proxy", "https_proxy", "all_proxy", "no_proxy", "XDG_CACHE_HOME"}
    assert found.keys() == ours | index.keys()
    assert found["HOME"] != "/nonexistent"


@pytest.mark.slow
def test_pip_settings_of_a_file_are_read_and_its_places_left(tmp_path: Path) -> None:
    """`user = true` there made `pip config` itself list another file, and `pip install` refuse."""
    conf = tmp_path / "pip.conf"
    conf.write_text(
        "[global]\nuser = true\nindex-url = https://index.example\n[install]\ntarget = /x\nno-index = true\n"
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    found = installers.pip_environment(PROJECT, environ | {"PIP_CONFIG_FILE": str(conf), "PIP_USER": "1"})
    assert (found["PIP_INDEX_URL"], found["PIP_NO_INDEX"]) == ("https://index.example", "true")
    assert found["PIP_CONFIG_FILE"] == os.devnull
    assert not {"PIP_USER", "PIP_TARGET"} & found.keys()
    uv = installers.uv_environment(PROJECT, environ | {"PIP_CONFIG_FILE": str(conf)})
    assert uv["UV_DEFAULT_INDEX"] == "https://index.example"


def test_database_programs_see_nothing_of_libpq(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "printenv"
    program.write_text("#!/bin/sh\nenv >&2\n")
    program.chmod(0o755)
    monkeypatch.setattr(postgres.server_user, "command", lambda root, folder, name: [str(program)])
    monkeypatch.setenv("PGOPTIONS", "-c search_path=nowhere")
    seen = postgres.run(tmp_path, tmp_path, "printenv")
    assert {line.partition("=")[0] for line in seen.splitlines()} <= BY_US | {"PWD"}


def rendered() -> dict[str, dict[str, str]]:
    """Each service as supervisord is told of it."""
    wanted = target.load("embedded", PROJECT, {})
    ports = {"POSTGRES_PORT": 1, "MOCK_API_PORT": 2, "CATALOG_PORT": 3}
    needed = programs.programs_for(wanted, ports, {"CATALOG_PASSWORD": "p", "CATALOG_TOKEN": "t"}, MockSource(1, 1.0))
    return {program.name: supervision.program_section(PROJECT, program) for program in needed}
