"""What is known against the versions that are locked here: `make audit`, and `make sbom` of what is installed.

docs/advisories.toml lists what was found and is left, with the reason. It is held against the locks each time: an entry
about a version that is no longer locked is an error, and must go. Then OSV (osv.dev, which has the advisories of PyPI,
Maven and Go) is asked about each locked version, if it can be reached; what it knows and the list does not is an error.
Standard library only.
"""

import json
import re
import sys
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deftunes.setup import jars

SERVICE = "https://api.osv.dev/v1/querybatch"
PATIENCE_S = 30
LISTED = "docs/advisories.toml"
GO_MODULE = re.compile(r"((?:github\.com|golang\.org)/[\w./-]+?)(?:/cmd/[\w-]+)?@(v[\w.+-]+)")
LOCKED_PACKAGE = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Package:
    """One version of one package. ecosystem: PyPI, Maven or Go, as OSV calls them. name: of Maven, group:artifact."""

    ecosystem: str
    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({self.ecosystem})"


def locked_packages(root: Path) -> set[Package]:
    """Every version that requirements/*.txt, the lists of jars and the Dockerfiles pin."""
    texts = [path.read_text() for path in (root / "requirements").glob("*.txt") if path.stem not in jars.LISTS]
    python = {Package("PyPI", *found) for text in texts for found in LOCKED_PACKAGE.findall(text)}
    java = {
        Package("Maven", f"{jar.group}:{jar.artifact}", jar.version)
        for name in jars.LISTS
        for jar in jars.read_jar_list(root, name)
    }
    return python | java | go_modules(root)


def go_modules(root: Path) -> set[Package]:
    """The modules that images and the compose plugin are built of."""
    files = [*(root / "services").glob("*/Dockerfile")]
    modules = {Package("Go", *found) for path in files for found in GO_MODULE.findall(path.read_text())}
    plugin = (root / "services/compose_plugin.sh").read_text()
    compose = re.search(r"^version=(v[\d.]+)$", plugin, re.MULTILINE)
    assert compose  # the script sets it
    return modules | {Package("Go", "github.com/docker/compose/v2", compose[1])}


def listed_advisories(root: Path) -> dict[Package, dict[str, str]]:
    """Package -> identifier of an advisory -> why it does not reach us. Raises KeyError where an entry lacks a part."""
    found: dict[Package, dict[str, str]] = {}
    for entry in tomllib.loads((root / LISTED).read_text())["advisory"]:
        package = Package(entry["ecosystem"], entry["package"], entry["version"])
        found.setdefault(package, {}).update(dict.fromkeys(entry["ids"], entry["reason"]))
    return found


def query_osv(packages: Iterable[Package], service: str = SERVICE) -> dict[Package, set[str]]:
    """Package -> identifiers of what OSV knows against it. Raises OSError, ValueError, KeyError: no answer."""
    ordered = sorted(packages)
    queries = [
        {"package": {"ecosystem": each.ecosystem, "name": each.name}, "version": each.version} for each in ordered
    ]
    body = json.dumps({"queries": queries}).encode()
    request = urllib.request.Request(service, body, {"Content-Type": "application/json"})  # noqa: S310  SERVICE
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
        results: list[dict[str, Any]] = json.load(answer)["results"]
    found = zip(ordered, results, strict=True)
    return {package: {each["id"] for each in result["vulns"]} for package, result in found if result.get("vulns")}


def findings(
    packages: set[Package], entries: dict[Package, dict[str, str]], known_now: dict[Package, set[str]]
) -> list[str]:
    """A line for each entry that is out of date and each advisory that is not listed."""
    stale = [
        f"{package} is no longer locked: remove it from {LISTED}" for package in entries if package not in packages
    ]
    new = [
        f"{package}: {identifier} is not listed: take a newer version, or list it in {LISTED} with the reason"
        for package, identifiers in known_now.items()
        for identifier in sorted(identifiers - set(entries.get(package, {})))
    ]
    return sorted(stale) + sorted(new)


def audit(root: Path, service: str = SERVICE) -> tuple[list[str], str]:
    """The findings, and one line about what was looked at."""
    packages, entries = locked_packages(root), listed_advisories(root)
    count = sum(len(each) for each in entries.values())
    looked_at = f"{len(packages)} locked versions, {count} advisories listed"
    try:
        known_now = query_osv(packages, service)
    except (OSError, ValueError, KeyError) as error:
        return findings(
            packages, entries, {}
        ), f"{looked_at}; {service} does not answer ({error}): nothing new was looked for"
    return findings(packages, entries, known_now), f"{looked_at}; {service} was asked"


def main() -> None:
    found, looked_at = audit(Path.cwd())
    sys.stdout.write("".join(f"  {line}\n" for line in (*found, looked_at)))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
