"""GET /playlists: each user's first playlist, made when they registered, of up to six songs; each 20th has none."""

import json
from uuid import NAMESPACE_OID, uuid5

import pyarrow as pa  # type: ignore[import-untyped]
from pydantic import BaseModel

from mock_api.dataset import Dataset, Rows
from mock_api.endpoints import Endpoint


class Playlist(BaseModel):
    """One playlist."""

    playlist_id: str
    user_id: str
    name: str
    created_at: str
    tracks: list[str]


def _playlists(dataset: Dataset) -> Rows:
    users, songs = dataset.users, dataset.source.catalogue.fragments

    def playlist(number: int, text: str) -> str:
        user = json.loads(text[1:])
        song_ids = [
            str(songs[(number * 7 + n) % len(songs)])[12:30] for n in range(2 + number % 5 if number % 20 else 0)
        ]
        record = {
            "playlist_id": str(uuid5(NAMESPACE_OID, user["user_id"])),
            "user_id": user["user_id"],
            "name": f"{user['user_name']}'s mix",
            "created_at": user["user_since"],
            "tracks": song_ids,
        }
        return "," + json.dumps(record)

    def made(low: int, high: int) -> pa.Array:
        return pa.array([playlist(low + n, text) for n, text in enumerate(users.json(low, high).to_pylist())])

    return Rows(users.calendar, made, "created_at")


ENDPOINT = Endpoint("/playlists", _playlists, Playlist, "Playlists by created_at")
