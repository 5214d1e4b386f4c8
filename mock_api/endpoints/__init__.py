"""The API's endpoints: each module of this folder has one as ENDPOINT, and so is served."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from pydantic import BaseModel

from mock_api.dataset import Dataset, Rows


@dataclass(frozen=True)
class Endpoint:
    """A path with the rows it answers with; `model` and `summary` serve the documentation only."""

    path: str
    rows: Callable[[Dataset], Rows]
    model: type[BaseModel]
    summary: str

    @property
    def name(self) -> str:
        return self.path.strip("/")


def endpoints() -> list[Endpoint]:
    """All endpoints, by path."""
    found: list[Endpoint] = [import_module(f"{__name__}.{each.name}").ENDPOINT for each in iter_modules(__path__)]
    return sorted(found, key=lambda endpoint: endpoint.path)
