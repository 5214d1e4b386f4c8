"""Faults: what the API can be told to get wrong, for tests; only with --allow-faults.

PUT /faults takes the whole list, GET shows it, DELETE empties it. A fault strikes the answers of its `path`
whose window has its `day` (without them: all), from the one after the first `after` on, `times` times.
Several faults strike one answer in the order of the list.
"""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Body
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from mock_api.endpoints import endpoints
from mock_api.models import IsoDate


def _known_path(path: str) -> str:
    known = [endpoint.path for endpoint in endpoints()]
    if path not in known:
        raise ValueError(f"{path!r} is no endpoint: name one of {', '.join(known)}")
    return path


Path = Annotated[str, AfterValidator(_known_path)]
Share = Annotated[float, Field(ge=0, le=1)]


class Fault(BaseModel):
    """One fault. Kinds that change records touch those of `day` alone; the others the whole answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal[
        "status",
        "html",
        "slow",
        "cut",
        "broken_record",
        "duplicate_page",
        "reorder",
        "schema",
        "likes",
        "huge_session",
        "huge_string",
        "bad_price",
        "empty",
        "no_link",
        "no_count",
        "miscount",
    ] = Field(
        description="status: `status` and `retry_after` instead of rows. html: 200 with a page of HTML. "
        "slow: `seconds` before each quarter of the body. cut: the connection ends after `share` of the body. "
        "broken_record: the middle record is broken JSON. duplicate_page: the rows of the page before (without one: "
        "of this answer) come again. reorder: the window backwards. schema: `change` of `field` in every record. "
        "likes: liked is turned round in `share` of the items. huge_session: one session has `items` items. "
        "huge_string: one record has a text of `size` characters. bad_price: `price` in `share` of the items. "
        "empty: no rows, and no count. no_link: without the link to the next page. no_count: without "
        "X-Total-Count. miscount: X-Total-Count is one more."
    )
    path: Path | None = None
    day: IsoDate | None = None
    times: int | None = Field(None, ge=1, description="answers it strikes; without it all")
    after: int = Field(0, ge=0, description="answers it lets pass first")
    status: int = Field(500, ge=400, le=599)
    retry_after: int | None = Field(None, ge=0, description="seconds, sent as Retry-After")
    seconds: float = Field(1.0, ge=0)
    share: Share = 0.5
    change: Literal["add", "drop", "retype"] = Field("drop", description="retype: numbers to text, text to an object")
    field: str = Field("price", description="a record's field, or an item's", examples=["price", "session_items.new"])
    price: float = 9.99
    items: int = Field(50_000, ge=1)
    size: int = Field(10_000_000, ge=1)


class Faults:
    """The faults that are on, and how many answers each has met."""

    def __init__(self) -> None:
        self.active: list[Fault] = []
        self._met: list[int] = []

    def replace(self, faults: list[Fault]) -> None:
        """Switches to these faults, counted from nought."""
        self.active = list(faults)
        self._met = [0] * len(faults)

    def strikes(self, path: str, first: date, last: date) -> list[Fault]:
        """The faults that strike the next answer of a path and window; none after one that leaves no rows."""
        struck = []
        for number, fault in enumerate(self.active):
            if not _meets(fault, path, first, last):
                continue
            self._met[number] += 1
            if fault.after < self._met[number] <= fault.after + (fault.times or self._met[number]):
                struck.append(fault)
                if fault.kind in ("status", "html"):
                    break
        return struck


def faults_router(faults: Faults) -> APIRouter:
    """The endpoints that switch faults on and off."""
    router = APIRouter(prefix="/faults", tags=["faults"])

    @router.get("", summary="The faults that are on")
    async def show() -> list[Fault]:
        return faults.active

    @router.put("", summary="Switch to these faults, counted from nought")
    async def replace(wanted: Annotated[list[Fault], Body()]) -> list[Fault]:
        faults.replace(wanted)
        return faults.active

    @router.delete("", status_code=204, summary="Switch all faults off")
    async def clear() -> None:
        faults.replace([])

    return router


def _meets(fault: Fault, path: str, first: date, last: date) -> bool:
    is_path = fault.path is None or fault.path == path
    return is_path and (fault.day is None or first <= fault.day <= last)
