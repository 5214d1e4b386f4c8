"""The source API of a rehearsal: the mock API, whose answers can be spoiled as a source's are in other weeks."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deftunes.services import ports
from deftunes.setup import runtimes
from rehearsal.processes import process, wait_for_answer


@dataclass(frozen=True)
class MockApi:
    """Where it answers."""

    url: str

    def faults(self, *faults: dict[str, Any]) -> None:
        """From now on the answers have these faults (mock_api/faults.py) and no others."""
        body = json.dumps(list(faults)).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/faults", data=body, method="PUT", headers=headers)  # noqa: S310  our own
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310  raises for all but 200


@contextmanager
def serving(root: Path, folder: Path, seed: int, scale: float) -> Iterator[MockApi]:
    """The API of the checkout at `root`, for as long as the context lasts; its log goes to the folder."""
    port = ports.any_free(f"{root}/mock_api", set())
    options = ["--port", str(port), "--seed", str(seed), "--scale", str(scale), "--allow-faults"]
    command = [str(runtimes.lake_python(root)), "-m", "mock_api", *options]
    with process("mock_api", command, folder, {"PYTHONPATH": str(root)}, cwd=root) as running:
        wait_for_answer(running, f"http://127.0.0.1:{port}/health")
        yield MockApi(f"http://127.0.0.1:{port}")
