"""`deftunes dashboards`: Superset over what was published."""

from deftunes import target
from deftunes.cli.checkout import ROOT, lake_answers
from deftunes.cli.options import Json, Scale, Seed, SongsCsv
from deftunes.cli.output import console, print_json
from deftunes.services import lifecycle
from deftunes.system.lock import run_lock


def dashboards(seed: Seed = 42, scale: Scale = 1.0, songs_csv: SongsCsv = None, as_json: Json = False) -> None:
    """Superset over what was published; the services are started if they are down."""
    from deftunes.dashboards import service as superset

    wanted = target.load("embedded", ROOT)
    if not lake_answers():
        with run_lock(ROOT):
            lifecycle.up(wanted, seed, scale, songs_csv)
    if not as_json:
        console.print("[dim]starting Superset; the first time, it makes its database[/]")
    shown = superset.up(wanted)
    if as_json:
        print_json(vars(shown))
        return
    pages = [f"{shown.url}/superset/dashboard/{name}/" for name in ("sales", "operations")]
    people = [f"{name:<9}{password}" for name, password in shown.accounts.items()]
    console.print("\n".join([*pages, *people]), markup=False, highlight=False, soft_wrap=True)
