"""Archives of what Glue jobs import, under var/jobs: spark_jobs, and of the spark environment what Glue lacks; for the
sources of a demonstration also mock_api, and the packages of requirements/demo.txt.

For the job that builds gold also dbt's project with what starts it, and the packages of requirements/gold.txt.

Glue jobs fetch nothing from the internet. An archive is named by its content, as terraform/jobs.tf and demonstration.tf
compute it, so that one of an older state is never uploaded. Standard library only.
"""

import hashlib
import os
import shutil
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files make the same bytes
# What a process of the job `build` has beside the packages: folder and endings, as terraform/jobs.tf lists them.
GOLD = (("dbt", ("sql", "yml", "md")), ("deftunes", ("py",)), ("spark_jobs", ("py",)))
LEFT_BY_DBT = ("dbt/target/", "dbt/logs/")
LOCKS = ("gold", "demo")  # of requirements/, packed whole
# Of Glue 5.1, which runs on Amazon Linux 2023.
PLATFORM = "x86_64-manylinux_2_28"


def content_sum(package: Path) -> str:
    """sha256 of the list of files: a line a file, as sha256sum writes it."""
    return sum_of(package, sorted(str(path.relative_to(package)) for path in package.rglob("*.py")))


def sum_of(folder: Path, names: Sequence[str]) -> str:
    """sha256 of a list of these files, with their own sums."""
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def gold_files(root: Path) -> list[str]:
    """Paths of what GOLD names, below the checkout, in order."""
    found = [
        str(path.relative_to(root))
        for folder, endings in GOLD
        for end in endings
        for path in (root / folder).rglob(f"*.{end}")
    ]
    return sorted(name for name in found if not name.startswith(LEFT_BY_DBT))


def archive(package: Path, to: Path) -> None:
    """Writes the package's modules, below its own name, into the zip file `to`."""
    pack(package.parent, (str(path.relative_to(package.parent)) for path in sorted(package.rglob("*.py"))), to)


def pack(folder: Path, names: Iterable[str], to: Path) -> None:
    """Writes these files of the folder into the zip file `to`, which is there whole or not at all."""
    to.parent.mkdir(parents=True, exist_ok=True)
    unfinished = to.with_suffix(".unfinished")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(zipfile.ZipInfo(name, EPOCH), (folder / name).read_bytes(), zipfile.ZIP_DEFLATED)
    unfinished.replace(to)


def packages(root: Path) -> Iterable[tuple[Path, Path]]:
    """(package, archive) of each thing the jobs import."""
    runtime = tomllib.loads((root / "targets/runtime.toml").read_text())
    site_packages = root / f".venv/spark/lib/python{runtime['glue']['python']}/site-packages"
    folder = root / "var/jobs"
    for name in ("spark_jobs", "mock_api"):
        yield root / name, folder / f"{name}-{content_sum(root / name)[:16]}.zip"
    yield site_packages / "weblinking", folder / f"weblinking-{runtime['python']['weblinking']}.zip"


def lock_archive(root: Path, name: str) -> Path:
    """The archive of the packages of requirements/<name>.txt."""
    lock = (root / f"requirements/{name}.txt").read_bytes()
    return root / f"var/jobs/{name}_packages-{hashlib.sha256(lock).hexdigest()[:16]}.zip"


def pack_lock(root: Path, name: str, to: Path) -> None:
    """Installs the lock's packages, held to their sums and made for Glue, and packs them. Raises SetupError."""
    sys.path.insert(0, str(root))
    from deftunes.setup.installers import run, uv_environment

    python = tomllib.loads((root / "targets/runtime.toml").read_text())["glue"]["python"]
    with tempfile.TemporaryDirectory() as folder:
        made_for = ("--python-version", python, "--python-platform", PLATFORM, "--only-binary", ":all:")
        options = ("--quiet", "--require-hashes", "--no-deps", *made_for, "--target", folder)
        lock = ("--requirement", root / f"requirements/{name}.txt")
        run([root / ".venv/uv/bin/uv", "pip", "install", *options, *lock], uv_environment(root, os.environ))
        shutil.rmtree(Path(folder, "bin"), ignore_errors=True)
        files = sorted(path for path in Path(folder).rglob("*") if path.is_file() and path.suffix != ".pyc")
        pack(Path(folder), (str(path.relative_to(folder)) for path in files), to)


def main() -> None:
    root = Path(__file__).resolve().parent.parent
    for package, to in packages(root):
        if not package.is_dir():
            sys.exit(f"{package} is missing: make setup")
        archive(package, to)
        sys.stdout.write(f"  {to.relative_to(root)}\n")
    names = gold_files(root)
    code = root / f"var/jobs/gold-{sum_of(root, names)[:16]}.zip"
    pack(root, names, code)
    sys.stdout.write(f"  {code.relative_to(root)}\n")
    for name in LOCKS:
        to = lock_archive(root, name)
        if not to.exists():
            pack_lock(root, name, to)
        sys.stdout.write(f"  {to.relative_to(root)}\n")


if __name__ == "__main__":
    main()
