"""The audit: what is listed must be locked, what OSV knows must be listed, and silence of OSV is said."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from deftunes.setup import audit, jars, sbom
from deftunes.setup.audit import Package

ROOT = Path(__file__).parents[3]
MINIO = Package("Go", "github.com/minio/minio", "v0.0.0-20260212201848-7aac2a2c5b7c")


class Osv(BaseHTTPRequestHandler):
    """OSV as it answers a batch: one result a query, in its order. It knows one thing, against requests."""

    def do_POST(self) -> None:
        queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        known = [{"vulns": [{"id": "GHSA-new"}]} if each["package"]["name"] == "requests" else {} for each in queries]
        body = json.dumps({"results": known}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002  the parameter's name there


@pytest.fixture
def osv() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Osv) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_locked_versions_are_those_of_python_java_and_go() -> None:
    locked = audit.locked_packages(ROOT)
    assert MINIO in locked
    assert Package("Maven", "org.postgresql:postgresql", "42.7.13") in locked
    assert {each.version for each in locked if each.name == "pyspark"} == {"3.5.6"}
    assert {each.name for each in locked if each.ecosystem == "Go"} == {
        "github.com/minio/minio",
        "github.com/versity/versitygw",
        "github.com/docker/compose/v2",
    }


def test_the_list_is_about_what_is_locked_and_gives_reasons() -> None:
    entries = audit.listed_advisories(ROOT)
    assert audit.findings(audit.locked_packages(ROOT), entries, {}) == []
    assert min(len(reason) for reasons in entries.values() for reason in reasons.values()) > 20


def test_an_entry_about_a_version_that_is_gone_is_an_error() -> None:
    [line] = audit.findings(set(), {MINIO: {"CVE-1": "no reason any more"}}, {})
    assert "no longer locked" in line
    assert "minio" in line


def test_what_osv_knows_and_the_list_does_not_is_an_error(osv: str) -> None:
    known = audit.query_osv({Package("PyPI", "requests", "2.0"), MINIO}, osv)
    assert known == {Package("PyPI", "requests", "2.0"): {"GHSA-new"}}
    [line] = audit.findings(set(known), {}, known)
    assert "GHSA-new is not listed" in line
    assert audit.findings(set(known), {package: {"GHSA-new": "a reason"} for package in known}, known) == []


def test_without_osv_the_audit_says_that_nothing_new_was_looked_for() -> None:
    found, looked_at = audit.audit(ROOT, "http://127.0.0.1:1")
    assert found == []
    assert "does not answer" in looked_at


@pytest.mark.slow
def test_bill_has_each_package_of_the_locks_that_are_installed() -> None:
    made = sbom.bill(ROOT)
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    refs = [each["bom-ref"] for each in made["components"]]
    assert len(refs) == len(set(refs))
    for name in ("lake", "spark"):
        lock = audit.LOCKED_PACKAGE.findall((ROOT / f"requirements/{name}.txt").read_text())
        wanted = {
            f"pkg:pypi/{package.lower().replace('_', '-').replace('.', '-')}@{version}" for package, version in lock
        }
        assert wanted - set(refs) == set()
    for jar in jars.read_jar_list(ROOT):
        [found] = [
            each for each in made["components"] if each["purl"].startswith(f"pkg:maven/{jar.group}/{jar.artifact}@")
        ]
        assert found["hashes"] == [{"alg": "SHA-256", "content": jar.sha256}]
    assert f"pkg:golang/{MINIO.name}@{MINIO.version}" in refs
