"""Draws: random numbers that are a function of a key and a counter, so any row can be made alone.

The mixing function is splitmix64's finaliser: a bijection on 64 bits, hence equal keys and
different counters never collide.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

Counters = NDArray[np.uint64]
Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def key(seed: int, *names: object) -> np.uint64:
    """The 64-bit key of one kind of draw, e.g. key(42, "session", "liked")."""
    text = "/".join(str(part) for part in (seed, *names))
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little"))


def draws(key: np.uint64, counters: Counters) -> Counters:
    """One 64-bit number for each counter."""
    mixed = counters * _STEP + key
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX_1
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_2
    return mixed ^ (mixed >> np.uint64(31))


def shares(key: np.uint64, counters: Counters) -> Floats:
    """One number in [0, 1) for each counter."""
    return (draws(key, counters) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def positions(key: np.uint64, counters: Counters, size: int | Numbers) -> Numbers:
    """One number in 0..size-1 for each counter, all equally likely; `size` may differ by row."""
    return (shares(key, counters) * size).astype(np.int64)


def cumulative(weights: Floats) -> Floats:
    """Upper bounds of the slices of [0, 1] that belong to each weight."""
    bounds: Floats = np.cumsum(weights / weights.sum())
    bounds[-1] = 1.0
    return bounds


def weighted_positions(key: np.uint64, counters: Counters, bounds: Floats) -> Numbers:
    """One number in 0..len(bounds)-1 for each counter, as likely as `cumulative` made it."""
    return np.searchsorted(bounds, shares(key, counters), side="right").astype(np.int64)


def row_counters(day: Numbers, index: Numbers) -> Counters:
    """The counter of row `index` of day `day` (days since the calendar's first)."""
    return (day.astype(np.uint64) << np.uint64(32)) | index.astype(np.uint64)
