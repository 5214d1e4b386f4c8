"""A day in the shell of somebody else's projects, in a checkout deep below odd names, is that of a quiet shell."""

import json
import subprocess
from pathlib import Path

from deftunes.services import lifecycle
from mock_api.songs import songs
from tests.checkout import checkout
from tests.foreign_shell import FOREIGN
from tests.layers import ask, landed_records, layers

SEED, SCALE = 7, 0.05
DAY = ("run", "--from", "2020-02-20", "--to", "2020-02-20", "--seed", str(SEED), "--scale", str(SCALE), "--json")


def test_day_in_a_foreign_shell_is_the_day(tmp_path: Path) -> None:
    odd = "données-проект_データ.a+b@c~1"  # of each kind that deftunes/target.py takes
    place = checkout(tmp_path / odd / ("deep" * 20) / ("deeper" * 10))  # longer than a socket's path may be
    try:
        program = place.root / ".venv/lake/bin/deftunes"
        environment = place.environment(**FOREIGN)
        done = subprocess.run([program, *DAY], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        items = [item for session in landed_records(place.root, "sessions") for item in session["session_items"]]
        expected = (len(items), sum(round(item["price"] * 100) for item in items))
        [found] = ask(place.root, "select count(*), sum(price * 100)::int from gold.fact_session")
        assert found == expected
        assert expected[0] > 0
        titles = set(songs(SEED, SCALE)["title"].to_pylist())
        assert any(not title.isascii() for title in titles)
        silver = ask(place.root, "select distinct title from lake.deftunes_silver.songs")
        assert {title for (title,) in silver} == titles
        foreign = layers(place.root)
        again = place.deftunes(*DAY)
        assert again.returncode == 0, again.stdout + again.stderr
        assert json.loads(again.stdout)["totals"] == json.loads(done.stdout)["totals"]
        assert layers(place.root) == foreign
    finally:
        lifecycle.down(place.root)
