"""Lakes of releases, kept as data: one archive a release, written by that release and carried over by later code.

An archive holds `var/lake` and `var/warehouse` as they lay on disk, and `lake.json`: the folder they lay in and the
catalog's rows. Iceberg's metadata name every file by its whole path, so a lake that is placed in another folder gets
the new one in its metadata files, its manifest lists and its manifests.
"""

import json
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import fastavro
import psycopg2
from psycopg2.extensions import connection

from deftunes.services import passwords, ports

RELEASES = Path(__file__).parent
FOLDERS = ("var/lake", "var/warehouse")
CATALOG_TABLES = ("iceberg_namespace_properties", "iceberg_tables")


def archives() -> list[Path]:
    """The lakes that are kept, oldest release first."""
    return sorted(RELEASES.glob("*.tar.xz"))


def pack(root: Path, archive: Path) -> None:
    """Keeps the lake of the checkout at `root`, whose services run, as an archive."""
    with _catalog(root) as database, database.cursor() as rows:
        catalog = {}
        for table in CATALOG_TABLES:
            rows.execute(f"select to_jsonb(t) from {table} t")
            catalog[table] = [row for (row,) in rows.fetchall()]
    description = root / "lake.json"
    description.write_text(json.dumps({"root": str(root), "catalog": catalog}, indent=1))
    with tarfile.open(archive, "w:xz") as packed:
        for name in (*FOLDERS, description.name):
            packed.add(root / name, name, filter=_without_checksums)


def place(archive: Path, root: Path) -> None:
    """Places an archive's files in the checkout at `root`. Its catalog is another step: `enter`."""
    with tarfile.open(archive) as packed:
        packed.extractall(root, filter="data")
    old, new = _description(root)["root"], str(root)
    metadata = root / "var/lake/warehouse"
    for path in (root / "var/lake/made_at", *metadata.rglob("*.metadata.json")):
        path.write_text(path.read_text().replace(old, new))
    lists = set(metadata.rglob("snap-*.avro"))
    lengths = {}
    for path in sorted(set(metadata.rglob("*.avro")) - lists):
        _rewrite(path, old, new, {})
        lengths[f"file:{path}"] = path.stat().st_size
    for path in sorted(lists):
        _rewrite(path, old, new, lengths)


def enter(root: Path) -> None:
    """Writes the catalog's rows of a placed lake into the catalog of the checkout at `root`, whose services run."""
    description = _description(root)
    with _catalog(root) as database, database, database.cursor() as rows:
        for table in CATALOG_TABLES:
            found = json.dumps(description["catalog"][table]).replace(description["root"], str(root))
            rows.execute(
                f"insert into {table} select * from jsonb_populate_recordset(null::{table}, %s::jsonb)", (found,)
            )


def _description(root: Path) -> dict[str, Any]:
    description: dict[str, Any] = json.loads((root / "lake.json").read_text())
    return description


@contextmanager
def _catalog(root: Path) -> Iterator[connection]:
    port, password = ports.last_ports(root)["POSTGRES_PORT"], passwords.load(root)["CATALOG_PASSWORD"]
    address = {"host": "127.0.0.1", "port": port, "dbname": "catalog", "user": "catalog", "password": password}
    with closing(psycopg2.connect(**address)) as database:
        yield database


def _without_checksums(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Hadoop keeps a checksum beside each file, which would not be that of a file with other paths in it."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return None if entry.name.endswith(".crc") else entry


def _rewrite(path: Path, old: str, new: str, lengths: dict[str, int]) -> None:
    """Writes an Avro file anew with the other folder in all its texts, and with the lengths of what it lists."""
    with path.open("rb") as stream:
        reader = fastavro.reader(stream)
        header = dict(reader.metadata)
        records = [_relocate(record, old, new) for record in reader]
    for record in records:
        if "manifest_path" in record:
            record["manifest_length"] = lengths[_plain(record["manifest_path"])]
    schema, codec = json.loads(header["avro.schema"]), header["avro.codec"]
    own = {name: text for name, text in header.items() if not name.startswith("avro.")}
    with path.open("wb") as stream:
        fastavro.writer(stream, schema, records, codec=codec, metadata=own)


def _plain(address: str) -> str:
    return "file:" + address.removeprefix("file:").removeprefix("//")


def _relocate(value: Any, old: str, new: str) -> Any:
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, dict):
        return {name: _relocate(each, old, new) for name, each in value.items()}
    return [_relocate(each, old, new) for each in value] if isinstance(value, list) else value
