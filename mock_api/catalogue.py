"""The catalogue as the shop sells it: for each song its part of an item's JSON, its price and its popularity.

An item calls the track id `song_id`, as the real API does; the catalogue's own song_id never leaves the
database. Popularity falls with the rank of the artist, by hotttnesss.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from mock_api.draws import Counters, Floats, Numbers, cumulative, key, positions, shares
from mock_api.text import join_texts, json_strings

CHEAPEST, DEAREST = 30, 190  # cents
WHOLE = 100
_WHOLE_SHARE = 0.12  # songs whose base price is whole
_PRICE_STEP = 5  # cents a price moves up or down from month to month


@dataclass(frozen=True)
class Catalogue:
    """One entry per song. `fragments`: item JSON up to its price; `cents`: base price; `popularity`: upper bounds."""

    fragments: pa.Array
    cents: Numbers
    popularity: Floats


def catalogue(seed: int, songs: pa.Table) -> Catalogue:
    """What is sold of these songs (columns as mock_api.songs.SCHEMA)."""
    songs = songs.combine_chunks()
    counters = np.arange(songs.num_rows, dtype=np.uint64)
    return Catalogue(_fragments(songs), _cents(seed, counters), cumulative(_weights(seed, songs, counters)))


def prices(seed: int, cents: Numbers, song: Numbers, month: Numbers) -> Numbers:
    """Price in cents of each song in a month (counted from any one month): the base price, or a step off it."""
    counters = (song * 4096 + month).astype(np.uint64)
    step = (positions(key(seed, "price", "step"), counters, 3) - 1) * _PRICE_STEP
    price: Numbers = np.clip(cents[song] + step, CHEAPEST, DEAREST)
    return price


def _fragments(songs: pa.Table) -> pa.Array:
    text = {name: json_strings(_one_chunk(songs[name])) for name in ("track_id", "title", "artist_id", "artist_name")}
    return join_texts(
        '{"song_id":',
        text["track_id"],
        ',"song_name":',
        text["title"],
        ',"artist_id":',
        text["artist_id"],
        ',"artist_name":',
        text["artist_name"],
        ',"price":',
    )


def _one_chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def _cents(seed: int, counters: Counters) -> Numbers:
    spread = (shares(key(seed, "price", "one"), counters) + shares(key(seed, "price", "two"), counters)) / 2
    cents = CHEAPEST + np.rint(spread * (DEAREST - CHEAPEST)).astype(np.int64)
    return np.where(shares(key(seed, "price", "whole"), counters) < _WHOLE_SHARE, WHOLE, cents)


def _weights(seed: int, songs: pa.Table, counters: Counters) -> Floats:
    """Zipf-like by artist, with hits and misses among an artist's songs."""
    artist = pc.dictionary_encode(_one_chunk(songs["artist_id"])).indices.to_numpy()
    hotness = np.zeros(int(artist.max()) + 1)
    np.maximum.at(hotness, artist, np.nan_to_num(songs["artist_hotttnesss"].to_numpy()))
    rank = np.empty(len(hotness), dtype=np.int64)
    rank[np.argsort(-hotness, kind="stable")] = np.arange(len(hotness))
    weights: Floats = (0.05 + shares(key(seed, "popularity"), counters) ** 4) / (rank[artist] + 8.0) ** 0.9
    return weights
