"""`deftunes dashboards-export`: charts and dashboards written back to files."""

from deftunes.cli.checkout import ROOT
from deftunes.cli.output import console


def dashboards_export() -> None:
    """Write charts and dashboards back to superset/assets, as they are in Superset now."""
    from deftunes.dashboards import export as back
    from deftunes.dashboards import service as superset

    shown = superset.running(ROOT)
    written = back.export(ROOT / "superset/assets", shown.url, shown.accounts["admin"])
    console.print("\n".join(str(path.relative_to(ROOT)) for path in written) or "Nothing changed.", markup=False)
