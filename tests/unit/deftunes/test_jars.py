"""The list of jars, and their sums. Ivy itself is replaced by a file copy: no test downloads."""

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from deftunes.setup import jar_fetch, jars
from deftunes.setup.jars import Jar, JarError
from deftunes.system.program_environment import way_out

RIGHT = hashlib.sha256(b"right").hexdigest()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("requirements", "var/jars", "var/logs", "var/tmp"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "requirements/jars.txt").write_text(f"# jars\n\norg.example:thing:1.0-a  sha256:{RIGHT}\n")
    return tmp_path


def delivering(content: bytes | None, calls: list[str]) -> Callable[..., None]:
    def retrieve(root: Path, missing: Iterable[Jar], cache: Path, environ: Mapping[str, str]) -> None:
        for jar in missing:
            calls.append(jar.artifact)
            if content is not None:
                (root / "var/jars" / jar.file).write_bytes(content)
                (cache / jar.group / jar.artifact).mkdir(parents=True)

    return retrieve


def test_listed_jar_has_its_coordinates(root: Path) -> None:
    assert jars.read_jar_list(root) == (Jar("org.example", "thing", "1.0-a", RIGHT),)
    assert jars.read_jar_list(root)[0].file == "thing-1.0-a.jar"


@pytest.mark.parametrize(
    "line", ["org.example:thing  sha256:" + RIGHT, "org.example:thing:1.0", "a:b:1  sha256:12", "nonsense"]
)
def test_bad_line_is_named_with_its_number(root: Path, line: str) -> None:
    (root / "requirements/jars.txt").write_text(f"# jars\n{line}\n")
    with pytest.raises(JarError, match=r"jars\.txt:2: .* is not group:artifact:version"):
        jars.read_jar_list(root)


def test_missing_jar_names_the_command(root: Path) -> None:
    with pytest.raises(JarError, match=r"thing-1\.0-a\.jar is missing: make setup"):
        jars.path(root, "thing")


def test_unlisted_jar_is_an_error(root: Path) -> None:
    with pytest.raises(JarError, match="lists no artifact other"):
        jars.path(root, "other")


def test_right_jar_is_not_fetched_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(jar_fetch, "retrieve", delivering(b"right", calls))
    jar_fetch.fetch(root, {"XDG_CACHE_HOME": str(root)})
    jar_fetch.fetch(root, {"XDG_CACHE_HOME": str(root)})
    assert calls == ["thing"]
    assert jars.path(root, "thing").read_bytes() == b"right"


def test_damaged_jar_is_fetched_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "var/jars/thing-1.0-a.jar").write_bytes(b"half")
    monkeypatch.setattr(jar_fetch, "retrieve", delivering(b"right", []))
    jar_fetch.fetch(root, {"XDG_CACHE_HOME": str(root)})
    assert jars.path(root, "thing").read_bytes() == b"right"


def test_jar_with_another_sum_is_removed_also_from_the_cache(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jar_fetch, "retrieve", delivering(b"wrong", []))
    with pytest.raises(
        JarError, match=rf"thing-1\.0-a\.jar has sha256 {hashlib.sha256(b'wrong').hexdigest()}, but .*{RIGHT}"
    ):
        jar_fetch.fetch(root, {"XDG_CACHE_HOME": str(root)})
    assert not (root / "var/jars/thing-1.0-a.jar").exists()
    assert not (jar_fetch.cache_folder({"XDG_CACHE_HOME": str(root)}) / "org.example/thing").exists()
    assert not (root / "var/jars/.complete").exists()


def test_jar_that_does_not_come_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jar_fetch, "retrieve", delivering(None, []))
    with pytest.raises(JarError, match=r"org\.example:thing:1\.0-a was not delivered"):
        jar_fetch.fetch(root, {"XDG_CACHE_HOME": str(root)})


@pytest.mark.slow
def test_ivy_fetches_from_the_mirror_its_settings_name(root: Path) -> None:
    """The real Ivy, with a folder as the mirror: coordinates become file names, and nothing else comes along."""
    (root / ".venv").symlink_to(Path(__file__).parents[3] / ".venv")
    served = root / "mirror/org.example/thing-1.0-a.jar"
    served.parent.mkdir(parents=True)
    with zipfile.ZipFile(served, "w") as archive:
        archive.writestr("a", "b")
    pattern = f"{root}/mirror/[organisation]/[artifact]-[revision].[ext]"
    (root / "settings.xml").write_text(
        '<ivysettings><settings defaultResolver="m"/><resolvers><filesystem name="m">'
        f'<artifact pattern="{pattern}"/></filesystem></resolvers></ivysettings>'
    )
    environ = {"IVY_SETTINGS": str(root / "settings.xml")}
    jar_fetch.retrieve(root, jars.read_jar_list(root), root / "cache", environ)
    assert (root / "var/jars/thing-1.0-a.jar").read_bytes() == served.read_bytes()


@pytest.mark.slow
def test_ivy_that_finds_nothing_says_where_its_words_are(root: Path) -> None:
    (root / ".venv").symlink_to(Path(__file__).parents[3] / ".venv")
    (root / "settings.xml").write_text(
        '<ivysettings><settings defaultResolver="m"/><resolvers><filesystem name="m">'
        f'<artifact pattern="{root}/nothing/[artifact].[ext]"/></filesystem></resolvers></ivysettings>'
    )
    with pytest.raises(JarError, match=r"(?s)IVY_SETTINGS names a mirror.*ivy\.log.*thing"):
        jar_fetch.retrieve(root, jars.read_jar_list(root), root / "cache", {"IVY_SETTINGS": str(root / "settings.xml")})


def test_proxies_become_java_options() -> None:
    environ = {"https_proxy": "http://proxy.example:3128", "NO_PROXY": "localhost,.internal"}
    expected = [
        "-Dhttps.proxyHost=proxy.example",
        "-Dhttps.proxyPort=3128",
        "-Dhttp.nonProxyHosts=localhost|*.internal|127.0.0.1|::1",
    ]
    assert jar_fetch.proxy_options(way_out(environ)) == expected
    assert jar_fetch.proxy_options(way_out({**environ, "https_proxy": "proxy.example:3128"})) == expected
    assert jar_fetch.proxy_options(way_out({"NO_PROXY": "localhost"})) == []
