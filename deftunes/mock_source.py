"""What the mock source holds: the catalogue its database has, and the data its API serves."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path


class SourceError(Exception):
    """The song database or its CSV cannot be had; the message holds what was said about it."""


@dataclass(frozen=True)
class MockSource:
    """seed, scale: which data are made up, and how many. songs_csv: a real catalogue instead of a made-up one."""

    seed: int
    scale: float
    songs_csv: Path | None = None

    def arguments(self) -> tuple[str, ...]:
        """Options of the mock API and of its loader."""
        given = ("--seed", str(self.seed), "--scale", str(self.scale))
        return given if self.songs_csv is None else (*given, "--songs-csv", str(self.songs_csv.resolve()))

    def fingerprint(self) -> str:
        """A sum of all that decides what is served; a CSV that was written again counts. Raises SourceError."""
        csv = self.songs_csv
        try:
            file = None if csv is None else [str(csv.resolve()), csv.stat().st_size, csv.stat().st_mtime_ns]
        except OSError as error:
            raise SourceError(f"SONGS_CSV {csv} cannot be read ({error.strerror}): name a CSV file of songs") from error
        decisive = json.dumps({"seed": self.seed, "scale": self.scale, "songs_csv": file})
        return hashlib.sha256(decisive.encode()).hexdigest()
