"""The memory that DuckDB and Spark take follows the machine's, within bounds."""

from pathlib import Path

import pytest

from deftunes.system.machine import duckdb_memory, memory_bytes, spark_heap

GIB = 1 << 30


@pytest.mark.parametrize(
    ("gib", "duckdb", "spark"),
    [(4, "1024MiB", "1024m"), (24, "2048MiB", "3072m"), (256, "8192MiB", "4096m")],
)
def test_parts_grow_with_the_machine_within_bounds(gib: int, duckdb: str, spark: str) -> None:
    assert duckdb_memory(gib * GIB) == duckdb
    assert spark_heap(gib * GIB) == spark


def test_limit_of_a_container_counts(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    machine = memory_bytes(limit)
    assert machine > GIB
    limit.write_text("max\n")
    assert memory_bytes(limit) == machine
    limit.write_text("1073741824\n")
    assert memory_bytes(limit) == GIB
