"""Arguments that the server and the loader share: which dataset is meant."""

import argparse
import os
from pathlib import Path

from mock_api.dataset import LARGEST_SCALE


def add_dataset_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds --seed, --scale and --songs-csv (default: the environment's SONGS_CSV)."""
    parser.add_argument("--seed", type=int, default=42, help="makes other data (default 42)")
    parser.add_argument(
        "--scale", type=float, default=1.0, help=f"1 = 10 000 songs, 1 300 items a day; above 0, to {LARGEST_SCALE:g}"
    )
    parser.add_argument(
        "--songs-csv",
        type=_path,
        default=_path(os.environ.get("SONGS_CSV", "")),
        help="a catalogue to sell instead of the made-up one (default: the environment's SONGS_CSV)",
    )


def _path(text: str) -> Path | None:
    return Path(text) if text else None
