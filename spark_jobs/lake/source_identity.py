"""Which source a lake's deliveries come from: `<landing>/<source>/_source.json`, beside the tables' folders.

The first delivery writes it, just before its manifest; from then on another source is refused before anything is
landed, unless it is accepted, and is then the one written. So a variable that was forgotten cannot mix two catalogues
or mark all tracks of one as vanished. A lake without it, made by an earlier version, takes the first source it meets.
"""

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from pyarrow import fs  # type: ignore[import-untyped]

from spark_jobs.lake import objects
from spark_jobs.problem import Problem

NAME = "_source.json"


class SourceIdentity:
    """The source of one kind (`api` or `postgres`) of a landing, compared with the one a delivery comes from."""

    def __init__(self, landing_uri: str, kind: str, identity: str, *, is_accepted: bool = False) -> None:
        self._uri = f"{landing_uri.rstrip('/')}/{kind}/{NAME}"
        self._identity, self._is_accepted = identity, is_accepted
        self._is_recorded = False
        self._path = objects.filesystem(self._uri)[1]

    @property
    def _fs(self) -> Any:
        """The file system, with credentials that hold now."""
        return objects.filesystem(self._uri)[0]

    def check(self) -> None:
        """Raises Problem if the lake holds another source, and this one is not accepted in its place."""
        known = self.recorded()
        if known in (None, self._identity) or self._is_accepted:
            return
        raise Problem(
            "This lake holds the deliveries of another source",
            self._uri,
            f"it holds: {known}; given is: {self._identity}",
            "set API_URL, SOURCE_DSN, SEED, SCALE and SONGS_CSV as they were; or, to go on with the new source in "
            "this lake: make run ACCEPT_SOURCES=1 (deftunes run, deftunes task and the jobs: --accept-sources)",
            "Nothing was asked for, landed or changed.",
        )

    def record(self) -> None:
        """Writes the source down, unless it is written."""
        if not self._is_recorded and self.recorded() != self._identity:
            self._write()
        self._is_recorded = True

    def recorded(self) -> str | None:
        """The source the lake holds; None before the first delivery. Raises Problem if it cannot be read."""
        if self._fs.get_file_info(self._path).type == fs.FileType.NotFound:
            return None
        with self._fs.open_input_stream(self._path) as stream:
            text = stream.read()
        try:
            return str(json.loads(text)["source"])
        except (ValueError, KeyError, TypeError) as error:
            raise Problem(
                "The lake's source cannot be read",
                self._uri,
                repr(text[:80]),
                "remove the file: the next run writes the source it was given",
            ) from error

    def _write(self) -> None:
        text = {"source": self._identity, "recorded_at": datetime.now(UTC).isoformat(timespec="seconds")}
        if self._fs.type_name == "local":
            self._fs.create_dir(str(PurePosixPath(self._path).parent), recursive=True)
        part = f"{self._path}.{os.getpid()}-{threading.get_ident()}.part"  # two tables may land at once
        with self._fs.open_output_stream(part) as stream:
            stream.write(json.dumps(text, indent=1).encode())
        self._fs.move(part, self._path)
