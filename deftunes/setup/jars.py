"""requirements/jars.txt: the Java archives under var/jars, by coordinates and sha256."""

import re
from dataclasses import dataclass
from pathlib import Path

LISTS = ("jars", "jars-s3", "jars-lineage")  # files of requirements/ that name jars
LINE = re.compile(r"(?P<group>[\w.-]+):(?P<artifact>[\w.-]+):(?P<version>[\w.-]+)\s+sha256:(?P<sha256>[0-9a-f]{64})")


class JarError(Exception):
    """A jar is missing, unlisted or not the one we know; the message names it and the way out."""


@dataclass(frozen=True)
class Jar:
    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        return f"{self.artifact}-{self.version}.jar"


def read_jar_list(root: Path, name: str = "jars") -> tuple[Jar, ...]:
    """The jars of a list under requirements/, in its order. Raises JarError for a line that is none."""
    path = root / f"requirements/{name}.txt"
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = LINE.fullmatch(line.strip())
        if match is None:
            raise JarError(f"{path}:{number}: {line.strip()!r} is not group:artifact:version  sha256:<64 hex digits>")
        found.append(Jar(**match.groupdict()))
    return tuple(found)


def path(root: Path, artifact: str) -> Path:
    """The file of an artifact that every run needs. Raises JarError when it is not listed or not there."""
    file = place(root, artifact)
    if not file.is_file():
        raise JarError(f"{file} is missing: make setup")
    return file


def place(root: Path, artifact: str, name: str = "jars") -> Path:
    """Where the file of an artifact of a list belongs. Raises JarError when it is not listed."""
    for jar in read_jar_list(root, name):
        if jar.artifact == artifact:
            return root / "var/jars" / jar.file
    raise JarError(f"requirements/{name}.txt lists no artifact {artifact}: add its line")
