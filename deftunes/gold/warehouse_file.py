"""The warehouse file, when it is damaged: gold is derived from silver, so what cannot be read is built anew."""

from pathlib import Path

# DuckDB's words for a cut, overwritten or half-written file or log; other trouble (a lock, a full disk) is none.
SIGNS = (
    "not a valid DuckDB database file",
    "Could not read enough bytes",
    "Corrupt database file",
    "replaying WAL",
    "Failed to deserialize",
)


def is_damage(message: str) -> bool:
    """True for DuckDB's words about a damaged file of its own."""
    return any(sign in message for sign in SIGNS) and ".parquet" not in message


def set_aside_if_damaged(path: Path) -> str | None:
    """Sets a warehouse that DuckDB cannot open aside, so that the next build makes a new one; what it said of it."""
    if not path.exists():
        _log(path).unlink(missing_ok=True)  # of a file that is gone
        return None
    import duckdb  # which is not there where Redshift is the warehouse

    try:
        duckdb.connect(str(path)).close()
    except duckdb.Error as error:
        if not is_damage(str(error)):
            return None  # dbt says the same
        set_aside(path)
        return str(error)
    return None


def set_aside(path: Path) -> Path:
    """Renames the warehouse to `….damaged`, in the place of an earlier one; its log goes."""
    damaged = path.with_name(path.name + ".damaged")
    path.replace(damaged)
    _log(path).unlink(missing_ok=True)
    return damaged


def _log(path: Path) -> Path:
    return path.with_name(path.name + ".wal")
