"""Notebooks are committed as text: without outputs, which hold rows of somebody's lake."""

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def content(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def code_cells(path: Path) -> list[dict[str, Any]]:
    cells = [cell for cell in content(path)["cells"] if cell["cell_type"] == "code"]
    assert cells
    return cells


def test_there_is_a_notebook() -> None:
    assert [path.name for path in NOTEBOOKS] == ["lake.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_no_output_is_committed(path: Path) -> None:
    assert [cell for cell in code_cells(path) if cell["outputs"] or cell["execution_count"] is not None] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_kernel_of_a_notebook_is_encrypted_and_has_no_debugger(path: Path) -> None:
    name = content(path)["metadata"]["kernelspec"]["name"]
    kernel = json.loads((ROOT / f"notebooks/kernels/{name}/kernel.json").read_text(encoding="utf-8"))
    assert kernel["metadata"] == {"debugger": False, "supported_encryption": ["curve"]}
    assert "sys.modules['debugpy'] = None" in " ".join(kernel["argv"])
    config = (ROOT / "notebooks/jupyter_server_config.py").read_text(encoding="utf-8")
    assert 'transport_encryption = "required"' in config
