"""Landing: what the sources delivered, byte for byte, one folder a table and day.

`<landing>/<source>/<table>/ingest_on=YYYY-MM-DD/` holds the files of that day's delivery and a
`_manifest.json` that lists them. The manifest is replaced last and in one step: what it does not
list does not exist, so a delivery that broke off leaves the one before it as it was, and the next
try sweeps the remains. Files are named by their content, so the same delivery again writes nothing.
"""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from pyarrow import BufferReader, fs, parquet  # type: ignore[import-untyped]

from spark_jobs.lake import objects
from spark_jobs.problem import Problem

MANIFEST = "_manifest.json"


@dataclass(frozen=True)
class LandedFile:
    """One file of a delivery. `bytes` and `sha256` are of the content as delivered: of a page its bytes before
    compression, of a Parquet file its rows."""

    name: str
    rows: int
    bytes: int
    sha256: str
    unreadable: int = 0


@dataclass(frozen=True)
class Manifest:
    """The commit marker of a delivery. `window` is what was asked for, `first` null for "since ever".
    `repeated` counts the records whose key another record of the delivery has too. `proof` is how it was shown to be
    whole, in the words of spark_jobs/completeness/."""

    table: str
    ingest_on: str
    window: dict[str, str | None]
    request: str
    started_at: str
    finished_at: str
    files: list[LandedFile] = field(default_factory=list)
    repeated: int = 0
    proof: str = "not recorded"

    @property
    def day(self) -> date:
        return date.fromisoformat(self.ingest_on)

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    def content(self) -> list[tuple[str, str]]:
        return [(file.name, file.sha256) for file in self.files]


class Landing:
    """The landing folders of one table below a `file://` or `s3://` address."""

    def __init__(self, uri: str, source: str, table: str, before_commit: Callable[[], None] = lambda: None) -> None:
        """`before_commit` is called before a delivery is made the day's delivery."""
        self._before_commit = before_commit
        self.uri = f"{uri.rstrip('/')}/{source}/{table}"
        self.table = table
        self._fs, self._root = objects.filesystem(self.uri)

    def folder(self, day: date) -> str:
        """Address of the day's folder, for Spark."""
        return f"{self.uri}/ingest_on={day}"

    def folder_of(self, manifest: Manifest) -> str:
        return self.folder(manifest.day)

    def write(self, day: date, number: int, body: bytes, rows: int, unreadable: int) -> LandedFile:
        """Stores one page, compressed; the same bytes again are not written again."""
        sha256 = hashlib.sha256(body).hexdigest()
        name = f"page-{number:05d}-{sha256[:16]}.json.gz"
        path = self._path(day, name)
        if self._fs.get_file_info(path).type == fs.FileType.NotFound:
            self._put(path, gzip.compress(body, compresslevel=1, mtime=0))
        return LandedFile(name, rows, len(body), sha256, unreadable)

    def adopt(self, day: date, writing: str) -> list[LandedFile]:
        """Takes the Parquet files of a folder below the day's into the delivery, named by their content."""
        adopted: list[LandedFile] = []
        infos = self._fs.get_file_info(fs.FileSelector(self._path(day, writing)))
        for info in sorted(infos, key=lambda info: info.path):
            if not info.path.endswith(".parquet"):
                continue
            with self._fs.open_input_file(info.path) as stream:
                content = stream.read()
            rows, sha256 = _rows_of(content)
            name = f"part-{len(adopted):05d}-{sha256[:16]}.parquet"
            self._fs.move(info.path, self._path(day, name))
            adopted.append(LandedFile(name, rows, len(content), sha256))
        self._fs.delete_dir(self._path(day, writing))
        return adopted

    def commit(self, manifest: Manifest) -> bool:
        """Makes the delivery the day's delivery. False if it is what was there already."""
        day = manifest.day
        changed = self._content(day) != manifest.content()
        self._before_commit()
        if changed:
            text = {**asdict(manifest), "rows": manifest.rows, "bytes": manifest.bytes}
            self._put(self._path(day, MANIFEST), json.dumps(text, indent=1).encode())
        self._sweep(day, {file.name for file in manifest.files})
        return changed

    def manifest(self, day: date) -> Manifest | None:
        """The day's manifest, or None if nothing was landed. Raises Problem if it cannot be read."""
        if not self._is_landed(day):
            return None
        with self._fs.open_input_stream(self._path(day, MANIFEST)) as stream:
            text = stream.read()
        try:
            return _manifest(json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Problem(
                f"The manifest of {self.table} of {day} cannot be read",
                f"{self.folder(day)}/{MANIFEST}",
                repr(text[:80]),
                f"land the day again: FROM={day} TO={day}",
            ) from error

    def manifests(self, days: Iterable[date]) -> list[Manifest]:
        """The manifests of all the days. Raises Problem naming the first day that was not landed."""
        found = []
        for day in days:
            manifest = self.manifest(day)
            if manifest is None:
                raise Problem(
                    f"{self.table} of {day} was not landed",
                    self.folder(day),
                    f"no {MANIFEST}",
                    f"land it first: run the window again with FROM={day} TO={day}",
                )
            found.append(manifest)
        return found

    def has_before(self, day: date) -> bool:
        """True if any delivery of an earlier day exists."""
        selector = fs.FileSelector(self._root, allow_not_found=True)
        names = [PurePosixPath(info.path).name for info in self._fs.get_file_info(selector)]
        earlier = [date.fromisoformat(name.removeprefix("ingest_on=")) for name in names if "ingest_on=" in name]
        return any(found < day and self._is_landed(found) for found in earlier)

    def _is_landed(self, day: date) -> bool:
        return bool(self._fs.get_file_info(self._path(day, MANIFEST)).type != fs.FileType.NotFound)

    def _content(self, day: date) -> list[tuple[str, str]] | None:
        """What the day's manifest lists; None if there is no readable one, so that landing again repairs it."""
        try:
            manifest = self.manifest(day)
        except Problem:
            return None
        return manifest.content() if manifest else None

    def _sweep(self, day: date, keep: set[str]) -> None:
        selector = fs.FileSelector(self._path(day, ""), recursive=True, allow_not_found=True)
        for info in self._fs.get_file_info(selector):
            relative = info.path.removeprefix(self._path(day, ""))
            if info.type == fs.FileType.File and relative not in keep | {MANIFEST}:
                self._fs.delete_file(info.path)

    def _path(self, day: date, name: str) -> str:
        return f"{self._root}/ingest_on={day}/{name}"

    def _put(self, path: str, content: bytes) -> None:
        """Writes a whole file or nothing: readers never see half of one."""
        try:
            if self._fs.type_name == "local":  # S3 has no folders; to mark those above its own, a job has no right
                self._fs.create_dir(str(PurePosixPath(path).parent))
            with self._fs.open_output_stream(path + ".part") as stream:
                stream.write(content)
            self._fs.move(path + ".part", path)
        except OSError as error:
            raise Problem(
                "The landing file could not be written", path, str(error), "free space or fix access, then run again"
            ) from error


def _rows_of(parquet_file: bytes) -> tuple[int, str]:
    """How many rows, and a digest of them: the same rows written by another JVM make other bytes."""
    rows, digest = 0, hashlib.sha256()
    for batch in parquet.ParquetFile(BufferReader(parquet_file)).iter_batches():
        rows += batch.num_rows
        digest.update(batch.serialize())
    return rows, digest.hexdigest()


def _manifest(text: dict[str, Any]) -> Manifest:
    # what a manifest of an older state does not have gets its default; what none may lack is missed by Manifest itself
    known = {name: text[name] for name in Manifest.__dataclass_fields__ if name != "files" and name in text}
    return Manifest(**known, files=[LandedFile(**file) for file in text["files"]])
