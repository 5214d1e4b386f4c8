"""`deftunes up`: the services only."""

from deftunes import target
from deftunes.cli.checkout import ROOT
from deftunes.cli.options import Scale, Seed, SongsCsv
from deftunes.cli.output import console
from deftunes.services import lifecycle
from deftunes.system.lock import run_lock


def up(seed: Seed = 42, scale: Scale = 1.0, songs_csv: SongsCsv = None) -> None:
    """Start the services only."""
    from deftunes.services.source_dsn import source_address

    with run_lock(ROOT):
        ends = lifecycle.up(target.load("embedded", ROOT), seed, scale, songs_csv)
    console.print(
        f"API      {ends.api_url}/docs\nsource   {source_address(ends.source_dsn).place}\ncatalog  {ends.catalog_uri}",
        markup=False,
    )
