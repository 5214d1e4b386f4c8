"""Archives of what Glue jobs import, under var/jobs: spark_jobs, and of the spark environment what Glue lacks.

Glue jobs fetch nothing from the internet. spark_jobs.zip is named by its content, as terraform/jobs.tf
computes it, so that an archive of an older state is never uploaded. Standard library only.
"""

import hashlib
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files make the same bytes


def content_sum(package: Path) -> str:
    """sha256 of the list of files: a line a file, as sha256sum writes it."""
    names = sorted(str(path.relative_to(package)) for path in package.rglob("*.py"))
    lines = [f"{hashlib.sha256((package / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def archive(package: Path, to: Path) -> None:
    """Writes the package's modules, below its own name, into the zip file `to`."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(package.rglob("*.py")):
            file.writestr(zipfile.ZipInfo(str(path.relative_to(package.parent)), EPOCH), path.read_bytes())


def packages(root: Path) -> Iterable[tuple[Path, Path]]:
    """(package, archive) of each thing the jobs import."""
    runtime = tomllib.loads((root / "targets/runtime.toml").read_text())
    site_packages = root / f".venv/spark/lib/python{runtime['glue']['python']}/site-packages"
    folder = root / "var/jobs"
    yield root / "spark_jobs", folder / f"spark_jobs-{content_sum(root / 'spark_jobs')[:16]}.zip"
    yield site_packages / "weblinking", folder / f"weblinking-{runtime['python']['weblinking']}.zip"


def main() -> None:
    root = Path(__file__).resolve().parent.parent
    for package, to in packages(root):
        if not package.is_dir():
            sys.exit(f"{package} is missing: make setup")
        archive(package, to)
        sys.stdout.write(f"  {to.relative_to(root)}\n")


if __name__ == "__main__":
    main()
