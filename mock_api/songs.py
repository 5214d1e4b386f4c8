"""Songs: one row per track, the 14 columns of the Million Song Dataset's track metadata, made up.

Surprises, as in the real set: several tracks may share one song_id; an artist_id can carry two spellings
of the name; year 0, shs_perf -1, shs_work 0 and an empty artist_mbid mean "unknown" or "none".
A track is made from its position; what belongs to the work or the artist from the position of those.
"""

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from mock_api import words
from mock_api.draws import Counters, Floats, Numbers, draws, key, positions, shares
from mock_api.text import Bytes, framed, hex_digits, join_texts, letters, strings, uuids

SCHEMA = pa.schema(
    [
        ("track_id", pa.string()),
        ("title", pa.string()),
        ("song_id", pa.string()),
        ("release", pa.string()),
        ("artist_id", pa.string()),
        ("artist_mbid", pa.string()),
        ("artist_name", pa.string()),
        ("duration", pa.float64()),
        ("artist_familiarity", pa.float64()),
        ("artist_hotttnesss", pa.float64()),
        ("year", pa.int64()),
        ("track_7digitalid", pa.int64()),
        ("shs_perf", pa.int64()),
        ("shs_work", pa.int64()),
    ]
)
# Columns of SCHEMA that a CSV may lack: they are null then. A column that is none of these was left out by mistake.
OPTIONAL: frozenset[str] = frozenset()
SONGS = 10_000  # at scale 1
_FEWEST_SONGS = 200
_SONGS_PER_ARTIST = 6
_LETTER_CODES = 26**5


def songs(seed: int, scale: float) -> pa.Table:
    """The catalogue, in SCHEMA; durations in seconds, familiarity and hotttnesss in 0..1."""
    count = max(_FEWEST_SONGS, round(SONGS * scale))
    track = np.arange(count, dtype=np.int64)
    work = _works(seed, track)
    artist = _artists(seed, work, count // _SONGS_PER_ARTIST)
    columns = _track_columns(seed, track) | _work_columns(seed, work) | _artist_columns(seed, artist, track)
    return pa.table(columns).select(SCHEMA.names).cast(SCHEMA)


def _works(seed: int, track: Numbers) -> Numbers:
    """The work each track is a recording of: one odd track in ten is another recording of the one before it."""
    is_again = (track % 2 == 1) & (_share(seed, "recorded again", track) < 0.1)
    return np.where(is_again | (track == 1), track - 1, track)


def _artists(seed: int, work: Numbers, artists: int) -> Numbers:
    """The artist of each work; low numbers are popular and have more works."""
    drawn = (_share(seed, "artist", work) ** 1.5 * artists).astype(np.int64)
    return np.where(work < artists, work, drawn)


def _track_columns(seed: int, track: Numbers) -> dict[str, object]:
    year = 2011 - (_share(seed, "year", track) ** 2 * 55).astype(np.int64)
    has_year = _share(seed, "has year", track) < 0.6
    has_cover = (_share(seed, "has cover", track) < 0.08) & (track != 0)
    return {
        "track_id": strings(_ids(seed, "TR", "128F", 7, track)),
        "release": join_texts(
            _draw_texts(seed, "release", words.RELEASES, track), _draw_texts(seed, "kind", words.EDITIONS, track)
        ),
        "duration": np.round(30 + 570 * _share(seed, "duration", track) ** 2.2, 5),
        "year": np.where(has_year & (track != 1), year, 0),
        "track_7digitalid": 1 + positions(key(seed, "songs", "7digital"), _counters(track), 9_999_999),
        "shs_perf": np.where(has_cover, 1 + positions(key(seed, "songs", "perf"), _counters(track), 300_000), -1),
        "shs_work": np.where(has_cover, 1 + positions(key(seed, "songs", "work"), _counters(track), 30_000), 0),
    }


def _work_columns(seed: int, work: Numbers) -> dict[str, object]:
    title = join_texts(
        _draw_texts(seed, "title start", words.TITLE_STARTS, work),
        " ",
        _draw_texts(seed, "title end", words.TITLE_ENDS, work),
        _draw_texts(seed, "title extra", words.TITLE_EXTRAS, work),
    )
    return {"title": title, "song_id": strings(_ids(seed, "SO", "12A", 8, work))}


def _artist_columns(seed: int, artist: Numbers, track: Numbers) -> dict[str, object]:
    mbid = strings(
        uuids(_draw(seed, "artist mbid high", artist), _draw(seed, "artist mbid low", artist)),
    )
    has_mbid = (_share(seed, "has mbid", artist) < 0.94) & (artist != 1)
    is_hot = _share(seed, "is hot", artist) < 0.96
    return {
        "artist_id": strings(_ids(seed, "AR", "1187B9", 5, artist)),
        "artist_mbid": pc.if_else(pa.array(has_mbid), mbid, ""),
        "artist_name": _artist_names(seed, artist, track),
        "artist_familiarity": _fame(seed, "familiarity", artist),
        "artist_hotttnesss": np.where(is_hot | (artist == 0), _fame(seed, "hotness", artist), 0.0),
    }


def _artist_names(seed: int, artist: Numbers, track: Numbers) -> pa.Array:
    """One name per artist; one artist in eight has half of its tracks under another spelling."""
    name = join_texts(
        _draw_texts(seed, "band start", words.BAND_STARTS, artist),
        " ",
        _draw_texts(seed, "band end", words.BAND_ENDS, artist),
    )
    guest = _draw_texts(seed, "guest", words.BAND_ENDS, track)
    other = pc.if_else(
        pa.array(_share(seed, "shouts", artist) < 0.5), pc.utf8_upper(name), join_texts(name, " feat. ", guest)
    )
    has_two = (_share(seed, "two spellings", artist) < 0.125) | (artist == 0)
    is_second = _share(seed, "spelling", track) < 0.5
    return pc.if_else(pa.array(has_two & is_second), other, name)


def _fame(seed: int, kind: str, artist: Numbers) -> Floats:
    """0..1, falling with the artist's number."""
    fame: Floats = 0.95 / (1 + artist / 400) ** 0.4 * (0.85 + 0.15 * _share(seed, kind, artist))
    return np.round(fame, 7)


def _ids(seed: int, prefix: str, middle: str, digits: int, number: Numbers) -> Bytes:
    """18 characters, unique by number: the five letters are a bijection of it."""
    code = (number * 7_368_787 + (int(_draw(seed, prefix, np.zeros(1, dtype=np.int64))[0]) >> 40)) % _LETTER_CODES
    tail = hex_digits(_draw(seed, f"{prefix} tail", number), digits)
    tail = np.where(tail >= ord("a"), tail - 32, tail).astype(np.uint8)
    return np.hstack([framed(prefix, letters(code, 5), middle), tail])


def _draw_texts(seed: int, name: str, texts: tuple[str, ...], number: Numbers) -> pa.Array:
    return pa.array(texts).take(pa.array(positions(key(seed, "songs", name), _counters(number), len(texts))))


def _share(seed: int, name: str, number: Numbers) -> Floats:
    return shares(key(seed, "songs", name), _counters(number))


def _draw(seed: int, name: str, number: Numbers) -> Counters:
    return draws(key(seed, "songs", name), _counters(number))


def _counters(number: Numbers) -> Counters:
    return number.astype(np.uint64)
