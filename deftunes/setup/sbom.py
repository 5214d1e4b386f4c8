"""A bill of materials of what is installed here, as CycloneDX 1.6: `make sbom` writes var/sbom/deftunes.cdx.json.

Its components: each distribution in the environments under .venv (not what a lock says, but what lies there), the jars
with their sums, Spark's own jars, the Java that runs, and the Go modules that the images are built of. Standard library
only.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from urllib.parse import quote

from deftunes.setup import audit, environments, jars, runtimes

BILL = "var/sbom/deftunes.cdx.json"


def component(name: str, version: str, purl: str, places: set[str], sha256: str = "") -> dict[str, Any]:
    """places: where it lies, or what is built of it, from the checkout."""
    found: dict[str, Any] = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    if sha256:
        found["hashes"] = [{"alg": "SHA-256", "content": sha256}]
    found["properties"] = [{"name": "deftunes:place", "value": place} for place in sorted(places)]
    return found


def python_components(root: Path) -> Iterator[dict[str, Any]]:
    places: dict[tuple[str, str], set[str]] = {}
    for stamp in sorted((root / ".venv").glob(f"*/{environments.STAMP}")):
        for each in distributions(path=[str(stamp.parent / runtimes.PACKAGES)]):
            key = each.metadata["Name"].lower().replace("_", "-").replace(".", "-"), each.version
            places.setdefault(key, set()).add(str(stamp.parent.relative_to(root)))
    for (name, version), where in sorted(places.items()):
        yield component(name, version, f"pkg:pypi/{name}@{quote(version)}", where)


def java_components(root: Path) -> Iterator[dict[str, Any]]:
    for name in jars.LISTS:
        for jar in jars.read_jar_list(root, name):
            if (root / "var/jars" / jar.file).is_file():
                purl = f"pkg:maven/{jar.group}/{jar.artifact}@{jar.version}"
                yield component(jar.artifact, jar.version, purl, {f"var/jars/{jar.file}"}, jar.sha256)
    for path in sorted((root / runtimes.SPARK / runtimes.PACKAGES / "pyspark/jars").glob("*.jar")):
        artifact, _, version = path.stem.rpartition("-")
        purl = f"pkg:generic/{quote(path.name)}"  # whose group the file does not say
        place = {str(path.relative_to(root))}
        yield component(artifact or path.stem, version, purl, place, hashlib.sha256(path.read_bytes()).hexdigest())
    home = runtimes.java_home(root)
    version = ".".join(map(str, runtimes.java_version(home) or ()))
    yield component("openjdk", version, f"pkg:generic/openjdk@{version}", {str(home)})


def go_components(root: Path) -> Iterator[dict[str, Any]]:
    for module in sorted(audit.go_modules(root)):
        yield component(module.name, module.version, f"pkg:golang/{module.name}@{module.version}", {"services"})


def bill(root: Path) -> dict[str, Any]:
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "deftunes", "name": "deftunes"}},
        "components": [*python_components(root), *java_components(root), *go_components(root)],
    }


def main() -> None:
    root = Path.cwd()
    made, path = bill(root), root / BILL
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(made, indent=1) + "\n")
    sys.stdout.write(f"  {BILL}: {len(made['components'])} components\n")


if __name__ == "__main__":
    main()
