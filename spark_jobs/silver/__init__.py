"""Silver: the tables of the lake that hold rows as they truly are.

`<table>.py` declares a table (spark_jobs/silver/declaration.py), `transforms/<table>.py` makes its rows of landed
records. Whoever needs a list of tables takes it from TABLES: a table is in it because its file is in this folder.
"""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pkgutil import iter_modules

from spark_jobs.silver.declaration import DeclarationError, Table


def declared_tables() -> dict[str, Table]:
    """Name -> declaration of every table, each after those it refers to. Raises DeclarationError."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__) if not module.ispkg]
    declared = {module.TABLE.name: module.TABLE for module in modules if hasattr(module, "TABLE")}
    for table in declared.values():
        if unknown := [name for name in table.references if name not in declared]:
            raise DeclarationError(f"spark_jobs/silver/{table.name}.py: references {unknown[0]}: no such table")
    return {name: declared[name] for name in _in_order({name: each.references for name, each in declared.items()})}


def _in_order(references: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The names, each after those it refers to; those with as many before them by name, so that the order is total."""
    sorter = TopologicalSorter(references)
    try:
        sorter.prepare()
    except CycleError as error:
        raise DeclarationError(f"spark_jobs/silver: tables refer to each other in a circle: {error.args[1]}") from error
    ordered = []
    while ready := sorted(sorter.get_ready()):
        ordered += ready
        sorter.done(*ready)
    return ordered


TABLES: dict[str, Table] = declared_tables()
# The table that closes a run: the last of those that refer to others. It is published after all others are.
CLOSING = next(name for name in reversed(TABLES) if TABLES[name].references)
