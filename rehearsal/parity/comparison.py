"""All tables of two sides, compared."""

from rehearsal.parity.compare import Comparison, compare
from rehearsal.parity.tables import LANDING, TABLES
from rehearsal.parity.targets import Side


def compared(left: Side, right: Side) -> list[Comparison]:
    """Landing first, then every table from silver to bi."""
    landing = compare(LANDING, left.landing(), right.landing())
    return [landing, *(compare(table, left.content(table), right.content(table)) for table in TABLES)]
