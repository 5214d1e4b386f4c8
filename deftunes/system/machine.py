"""What this machine has, or the container the program runs in, and what part of it the large programs take.

| program | memory | at least | at most |
|---|---|---|---|
| DuckDB, which builds gold and publishes; what does not fit goes to the disk | a twelfth | 1 GiB | 8 GiB |
| the heap of the embedded target's Spark | an eighth | 1 GiB | 4 GiB |
"""

import os
from pathlib import Path

MIB = 1 << 20
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def memory_bytes(limit: Path = CGROUP_LIMIT) -> int:
    """Memory of the machine, or of the container if that has a limit."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(machine, int(limit.read_text()))
    except (OSError, ValueError):  # no control groups, or "max"
        return machine


def duckdb_memory(memory: int | None = None) -> str:
    """DuckDB's memory_limit."""
    return f"{_part(memory, 12, 1024, 8192)}MiB"


def spark_heap(memory: int | None = None) -> str:
    """spark.driver.memory of the embedded target."""
    return f"{_part(memory, 8, 1024, 4096)}m"


def _part(memory: int | None, divisor: int, least: int, most: int) -> int:
    """MiB."""
    return max(least, min(most, (memory_bytes() if memory is None else memory) // divisor // MIB))
