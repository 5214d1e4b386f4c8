"""Set-up: what the installers are told, and what a machine lacks."""

import importlib.util
import subprocess
from pathlib import Path

import pytest

from deftunes.setup import environments, installers, runtimes
from deftunes.system import certificates


def test_pip_settings_reach_uv(tmp_path: Path) -> None:
    mine = tmp_path / "mine.pem"
    mine.touch()
    environ = {
        "PIP_INDEX_URL": "https://index.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://a.example https://b.example",
    }
    given = installers.uv_environment(tmp_path, environ | {"PIP_FIND_LINKS": "/one /two", "SSL_CERT_FILE": str(mine)})
    assert given["UV_DEFAULT_INDEX"] == "https://index.example/simple"
    assert given["UV_INDEX"] == "https://a.example https://b.example"
    assert given["UV_FIND_LINKS"] == "/one,/two"
    assert given["SSL_CERT_FILE"] == str(mine)


def test_set_up_with_another_python_says_which_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "VERSION", (3, 99))
    with pytest.raises(environments.SetupError, match=r"this is Python 3\.11\.\d+, .*PYTHON=python3\.11"):
        environments.check_python()


def test_set_up_without_ensurepip_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(environments.SetupError, match=r"no module ensurepip: apt-get install python3\.11-venv"):
        environments.check_python()


@pytest.mark.parametrize(
    "module", ["dbt.cli.main", "dbt.adapters.duckdb.connections", "fastapi.routing", "deftunes.gold.build"]
)
def test_what_a_run_imports_is_compiled_already(module: str) -> None:
    found = importlib.util.find_spec(module)
    assert found is not None
    assert found.cached is not None
    assert Path(found.cached).exists()


@pytest.mark.slow
def test_java_trusts_the_given_authorities(tmp_path: Path) -> None:
    """The JVM's own keytool reads the store; a broken block in the bundle does not spoil the others."""
    pem = next(path for path in map(Path, certificates.BUNDLES) if path.exists()).read_text()
    first = pem[: pem.index("-----END CERTIFICATE-----") + 26]
    bundle = tmp_path / "some.pem"
    bundle.write_text(first + first.replace("M", "N", 40))
    options = certificates.java_options(tmp_path, {"SSL_CERT_FILE": str(bundle)})
    assert options[0] == f"-Djavax.net.ssl.trustStore={tmp_path}/truststore.p12"
    keytool = runtimes.java_home(Path(__file__).parents[3]) / "bin/keytool"
    store = ["-keystore", str(tmp_path / "truststore.p12"), "-storepass", certificates.PASSWORD]
    listed = subprocess.run([keytool, "-list", *store], capture_output=True, text=True, check=True).stdout
    assert listed.count("trustedCertEntry") == 1
