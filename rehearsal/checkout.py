"""A checkout of the rehearsal's own below var/rehearsal: the project's text copied, its environments and jars shared.

Terraform reads what stands beside it (`targets/`, `quality/`, `var/jobs`), and the embedded services keep their state
in it: nothing of the person's own checkout is touched.
"""

import shutil
import subprocess
import sys
from pathlib import Path

TEXT = (
    "airflow", "dbt", "deftunes", "mock_api", "quality", "rehearsal", "requirements", "spark_jobs", "superset",
    "targets", "terraform",
)  # fmt: skip
LEFT_OUT = ("__pycache__", ".terraform", "*.tfstate*", "*.tfvars", "target", "logs")


def checkout(project: Path, root: Path) -> Path:
    """Copies the project's text to `root`; what Terraform uploads is packed there. The copy's root."""
    for name in TEXT:
        shutil.rmtree(root / name, ignore_errors=True)
        shutil.copytree(project / name, root / name, ignore=shutil.ignore_patterns(*LEFT_OUT))
    (root / "var").mkdir(exist_ok=True)
    for shared in (".venv", "var/jars", "var/bin"):
        if not (root / shared).is_symlink():
            (root / shared).symlink_to(project / shared)
    (root / "var/jobs").mkdir(exist_ok=True)
    for packed in (project / "var/jobs").glob("*_packages-*.zip"):  # named by their locks, and slow to make
        shutil.copy(packed, root / "var/jobs")
    package(root)
    return root


def package(root: Path) -> None:
    """Packs what Terraform uploads of the checkout's code."""
    subprocess.run([sys.executable, "terraform/package.py"], cwd=root, check=True, capture_output=True)
