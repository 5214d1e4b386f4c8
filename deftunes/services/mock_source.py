"""What the mock source holds: the catalogue its database has, and the data its API serves; and whether it is asked.

A source is ours by what its address is, the mock API's or our own database's, wherever the address was given.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from deftunes.services.ports import LOOPBACK
from deftunes.services.source_dsn import source_address
from deftunes.target import Target
from spark_jobs.sources.identity import api_identity, database_identity

LOOPBACKS = {LOOPBACK, "localhost", "::1"}
OWN_DATABASE = OWN_USER = "deftunes"


def is_own_api(target: Target) -> bool:
    """True if API_URL is where the mock API of this checkout listens, or will."""
    url = urlsplit(target["API_URL"])
    place = url.scheme, str(url.port), url.path.rstrip("/")
    return url.hostname in LOOPBACKS and place == ("http", target["MOCK_API_PORT"], "")


def is_own_database(target: Target) -> bool:
    """True if SOURCE_DSN is the song database of this checkout's own server. Raises Problem for no address."""
    at = source_address(target["SOURCE_DSN"])
    [(host, port), *others] = at.hosts
    is_own_server = not others and host in LOOPBACKS and str(port) == target["POSTGRES_PORT"]
    return is_own_server and (at.database, at.user) == (OWN_DATABASE, OWN_USER)


class SourceError(Exception):
    """The song database or its CSV cannot be had; the message holds what was said about it."""


def source_identities(target: Target, mock: "MockSource | None") -> dict[str, str]:
    """Kind of source (api, postgres) -> what it is known by: our own by what they hold, since their ports change."""
    api, database = api_identity(target["API_URL"]), database_identity(source_address(target["SOURCE_DSN"]).jdbc_url)
    return {
        "api": mock.identity() if mock and is_own_api(target) else api,
        "postgres": mock.identity() if mock and is_own_database(target) else database,
    }


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

    def identity(self) -> str:
        """Which made-up data, in words; a CSV whose content changed is the same source."""
        songs = f", songs of {self.songs_csv.resolve()}" if self.songs_csv else ""
        return f"made-up data of seed {self.seed}, scale {self.scale:g}{songs}"

    def check(self) -> None:
        """Reads the CSV, if there is one. Raises SourceError, which names the line that cannot be used."""
        if self.songs_csv is None:
            return
        from mock_api.songs_csv import SongsFileError, songs_from_csv  # Arrow takes its time to load

        self.fingerprint()
        try:
            songs_from_csv(self.songs_csv)
        except SongsFileError as error:
            raise SourceError(f"SONGS_CSV cannot be used: {error}") from error

    def ignored_columns(self) -> list[str]:
        """Columns of the CSV that are no songs' columns, so that nobody misses their values in the catalogue."""
        if self.songs_csv is None:
            return []
        from mock_api.songs_csv import ignored_columns

        return ignored_columns(self.songs_csv)

    def fingerprint(self) -> str:
        """A sum of all that decides what is served; a CSV that was written again counts. Raises SourceError."""
        csv = self.songs_csv
        try:
            file = None if csv is None else [str(csv.resolve()), csv.stat().st_size, csv.stat().st_mtime_ns]
        except OSError as error:
            raise SourceError(f"SONGS_CSV {csv} cannot be read ({error.strerror}): name a CSV file of songs") from error
        decisive = json.dumps({"seed": self.seed, "scale": self.scale, "songs_csv": file})
        return hashlib.sha256(decisive.encode()).hexdigest()
