"""The notebook in Jupyter: its state lies in var/, which is closed to others, and no settings but ours are read."""

from pathlib import Path
from typing import Any

CONFIG = "notebooks/jupyter_server_config.py"
STATE = "var/run/jupyter"


def notebook_environment(root: Path) -> dict[str, str]:
    """What Jupyter and its kernels have in their environment beside what every program has."""
    state = root / STATE
    return {
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_PATH": str(root / "notebooks"),
        "JUPYTER_RUNTIME_DIR": str(state),
        "JUPYTERLAB_SETTINGS_DIR": str(state / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(state / "workspaces"),
        "IPYTHONDIR": str(root / "var/tmp/ipython"),
    }


def without_outputs(model: dict[str, Any], **_: Any) -> None:
    """Takes the outputs out of what is saved: rows of the lake, which may be about people, stay out of the checkout."""
    if model["type"] != "notebook":
        return
    for cell in model["content"]["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
