"""Landing: what the sources delivered, byte for byte, one folder a table and day.

`<landing>/<source>/<table>/ingest_on=YYYY-MM-DD/` holds the files of that day's delivery and a
`_manifest.json` that lists them. The manifest is replaced last and in one step: what it does not
list does not exist, so a delivery that broke off leaves the one before it as it was, and the next
try sweeps the remains. Files are named by their content, so the same delivery again writes nothing.

What lies there is believed when its sha256 is the manifest's only: before a file is kept instead of
written, and before it is read. A damaged file is named, and landing its day again writes it anew.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from pathlib import PurePosixPath
from typing import Any, BinaryIO, get_type_hints

from pyarrow import BufferReader, fs, parquet  # type: ignore[import-untyped]

from spark_jobs.lake import objects
from spark_jobs.problem import Problem
from spark_jobs.silver.declaration import Endpoint
from spark_jobs.window import Window

MANIFEST = "_manifest.json"
READ_SIDE_BY_SIDE = 8


@dataclass(frozen=True)
class LandedFile:
    """One file of a delivery. `bytes` and `sha256` are of the content as delivered: of a page its bytes before
    compression, of a Parquet file its rows. `unreadable` records of a page are rejected; `is_malformed`: see
    spark_jobs/pages.py; None in manifests of before there was one."""

    name: str
    rows: int
    bytes: int
    sha256: str
    unreadable: int = 0
    is_malformed: bool | None = None


@dataclass(frozen=True)
class Manifest:
    """The commit marker of a delivery. `window` is what was asked for, `first` null for "since ever".
    `repeated` counts the records whose key another record of the delivery has too. `proof` is how it was shown to be
    whole, in the words of spark_jobs/completeness/. `landed_at` is when this content was first landed, the same for
    all deliveries of one landing: of two deliveries it names the newer. Manifests of before it have an empty one."""

    table: str
    ingest_on: str
    window: dict[str, str | None]
    request: str
    started_at: str
    finished_at: str
    files: list[LandedFile] = field(default_factory=list)
    repeated: int = 0
    proof: str = "not recorded"
    landed_at: str = ""

    @property
    def is_of_several_days(self) -> bool:
        """True for a delivery of all days before another one: it is filed under the last of them."""
        return self.window["first"] != self.ingest_on

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
        self.source, self.table = source, table
        self._root = objects.filesystem(self.uri)[1]

    @property
    def _fs(self) -> Any:
        """The file system, with credentials that hold now."""
        return objects.filesystem(self.uri)[0]

    def folder(self, day: date) -> str:
        """Address of the day's folder, for Spark."""
        return f"{self.uri}/ingest_on={day}"

    def folder_of(self, manifest: Manifest) -> str:
        return self.folder(manifest.day)

    def write(
        self, day: date, number: int, body: bytes, rows: int, unreadable: int, is_malformed: bool | None = None
    ) -> LandedFile:
        """Stores one page, compressed; the same bytes again are not written again, unless they were damaged."""
        sha256 = hashlib.sha256(body).hexdigest()
        file = LandedFile(f"page-{number:05d}-{sha256[:16]}.json.gz", rows, len(body), sha256, unreadable, is_malformed)
        path = self._path(day, file.name)
        if self._fs.get_file_info(path).type == fs.FileType.NotFound or self._sum(path) != sha256:
            self._put(path, gzip.compress(body, compresslevel=1, mtime=0))
        return file

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
        before = self.readable(day)
        is_changed = before is None or (before.content(), before.window) != (manifest.content(), manifest.window)
        self._before_commit()
        if before is None or is_changed:
            self._put_manifest(manifest)
        elif before.files != manifest.files:  # the same content, of which another state of this code says more
            self._put_manifest(replace(before, files=manifest.files))
        self._sweep(day, {file.name for file in manifest.files})
        return is_changed

    def verify(self, manifests: Iterable[Manifest]) -> None:
        """Raises Problem naming the first listed file whose content is not what its manifest says."""
        listed = [(manifest, file) for manifest in manifests for file in manifest.files]
        with ThreadPoolExecutor(READ_SIDE_BY_SIDE) as pool:
            found = list(pool.map(lambda each: self._sum(self._path(each[0].day, each[1].name)), listed))
        for (manifest, file), sha256 in zip(listed, found, strict=True):
            if sha256 != file.sha256:
                raise Problem(
                    f"A landing file of {self.table} is not what its manifest says",
                    f"{self.folder_of(manifest)}/{file.name}",
                    f"expected sha256 {file.sha256}, found {sha256}",
                    self._way_to_repair(manifest),
                )

    def manifest(self, day: date) -> Manifest | None:
        """The day's manifest, or None if nothing was landed. Raises Problem if it cannot be read."""
        if not self._is_landed(day):
            return None
        with self._fs.open_input_stream(self._path(day, MANIFEST)) as stream:
            text = stream.read()
        try:
            return _manifest(json.loads(text), day)
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

    def days_before(self, day: date) -> list[date]:
        """The earlier days that a delivery is filed under, in order: one listing, however many they are."""
        selector = fs.FileSelector(self._root, recursive=True, allow_not_found=True)
        paths = [PurePosixPath(info.path) for info in self._fs.get_file_info(selector)]
        landed = [path.parent.name.removeprefix("ingest_on=") for path in paths if path.name == MANIFEST]
        return sorted(found for found in map(date.fromisoformat, landed) if found < day)

    def newest_window(self) -> Window | None:
        """The days that the last landing brought news of; of manifests that do not say when, the last day.

        None if nothing was landed. Deliveries of all days before a window are no window of their own.
        """
        manifests = [manifest for day in self.days_before(date.max) if (manifest := self.readable(day))]
        of_a_day = [manifest for manifest in manifests if not manifest.is_of_several_days] or manifests
        if not of_a_day:
            return None
        newest = max(manifest.landed_at for manifest in of_a_day)
        days = [manifest.day for manifest in of_a_day if newest and manifest.landed_at == newest]
        return Window(min(days), max(days)) if days else Window(of_a_day[-1].day, of_a_day[-1].day)

    def _is_landed(self, day: date) -> bool:
        return bool(self._fs.get_file_info(self._path(day, MANIFEST)).type != fs.FileType.NotFound)

    def readable(self, day: date) -> Manifest | None:
        """The day's manifest; None too if it cannot be read, so that landing again repairs it."""
        try:
            return self.manifest(day)
        except Problem:
            return None

    def _way_to_repair(self, manifest: Manifest) -> str:
        if manifest.window.get("first", manifest.ingest_on) is None and self.source == Endpoint.kind:
            after = manifest.day + timedelta(days=1)
            return (
                f"remove {self.folder_of(manifest)}, then land everybody before {after} again: FROM={after} TO={after}"
            )
        return f"land the day again, which writes the file anew: FROM={manifest.day} TO={manifest.day}"

    def _sum(self, path: str) -> str:
        """sha256 of a file's content as LandedFile has it; why there is none if the file is missing or damaged."""
        try:
            with self._fs.open_input_file(path) as stream:
                return _rows_of(stream.read())[1] if path.endswith(".parquet") else _unpacked_sum(stream)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return "no file"
        except (EOFError, zlib.error, gzip.BadGzipFile, _ParquetError) as error:
            return f"none: {error}"

    def _sweep(self, day: date, keep: set[str]) -> None:
        selector = fs.FileSelector(self._path(day, ""), recursive=True, allow_not_found=True)
        for info in self._fs.get_file_info(selector):
            relative = info.path.removeprefix(self._path(day, ""))
            if info.type == fs.FileType.File and relative not in keep | {MANIFEST}:
                self._fs.delete_file(info.path)

    def _path(self, day: date, name: str) -> str:
        return f"{self._root}/ingest_on={day}/{name}"

    def _put_manifest(self, manifest: Manifest) -> None:
        text = {**asdict(manifest), "rows": manifest.rows, "bytes": manifest.bytes}
        self._put(self._path(manifest.day, MANIFEST), json.dumps(text, indent=1).encode())

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
    try:
        for batch in parquet.ParquetFile(BufferReader(parquet_file)).iter_batches():
            rows += batch.num_rows
            digest.update(batch.serialize())
    except (OSError, ValueError) as error:  # what pyarrow raises for bytes that are no Parquet
        raise _ParquetError(str(error)) from error
    return rows, digest.hexdigest()


def _unpacked_sum(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    with gzip.GzipFile(fileobj=stream) as content:
        while chunk := content.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


class _ParquetError(ValueError):
    """The bytes are no complete Parquet file."""


def _manifest(text: dict[str, Any], day: date) -> Manifest:
    """The manifest of a day. Raises ValueError, KeyError, TypeError or AttributeError for a text that is none."""
    # what a manifest of an older state does not have gets its default; what none may lack is missed by Manifest itself
    known = {name: text[name] for name in Manifest.__dataclass_fields__ if name != "files" and name in text}
    manifest = Manifest(**known, files=[_parse_file(file) for file in text["files"]])
    if manifest.ingest_on != str(day) or not isinstance(manifest.window, dict) or type(manifest.repeated) is not int:
        raise ValueError(f"not the manifest of {day}")
    return manifest


def _parse_file(text: dict[str, Any]) -> LandedFile:
    """What a manifest says of a file. Fields of a later state of this code are passed over."""
    types = get_type_hints(LandedFile)
    known = {name: value for name, value in text.items() if name in types}
    for name, value in known.items():
        if not isinstance(value, types[name]):
            raise TypeError(f"{name} is {value!r}")
    return LandedFile(**known)
