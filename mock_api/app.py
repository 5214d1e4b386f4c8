"""The API: its endpoints (mock_api/endpoints) as bare JSON arrays, /health, and the documentation at /docs.

Answers are bytes made by the generator; the models serve the documentation only.
"""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse

from mock_api.calendar import FIRST_DAY, LAST_DAY
from mock_api.dataset import Dataset, Rows
from mock_api.endpoints import Endpoint, endpoints
from mock_api.faults import Fault, Faults, faults_router
from mock_api.malformed_answers import malformed_answer
from mock_api.models import Health, IsoDate, Problem
from mock_api.pages import MOST_ROWS, Page, PageError, array, is_small, page

_JSON = "application/json"
_EXAMPLE = {"one day": {"value": "2020-02-07"}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "Link": {"description": '`<url>; rel="next"` when rows are left', "schema": {"type": "string"}},
            "X-Total-Count": {"description": "rows of the whole window", "schema": {"type": "integer"}},
        }
    },
    400: {"model": Problem, "description": "start_date after end_date, or a cursor of another window"},
}

StartDate = Annotated[
    IsoDate | None,
    Query(description="first day, inclusive; without it the calendar's first", openapi_examples=_EXAMPLE),
]
EndDate = Annotated[
    IsoDate | None,
    Query(description="last day, inclusive; without it the calendar's last", openapi_examples=_EXAMPLE),
]
Limit = Annotated[int | None, Query(ge=1, le=MOST_ROWS, description="most rows in the answer; without it all")]
Cursor = Annotated[str | None, Query(description="where to go on: from the Link header of the answer before")]


def create_app(dataset: Dataset, faults: Faults | None = None) -> FastAPI:
    """The application that serves this dataset; with `faults`, also the endpoints that switch them."""
    app = FastAPI(title="DeFtunes API", description=_DESCRIPTION, version="1")
    app.add_exception_handler(PageError, _bad_request)
    app.include_router(_router(dataset, faults))
    if faults is not None:
        app.include_router(faults_router(faults))
    return app


_DESCRIPTION = (
    "Users and purchase sessions of a music shop, made up. Dates are days in UTC, both ends inclusive; "
    f"the calendar runs from {FIRST_DAY} to {LAST_DAY}. The same call always gives the same bytes."
)


def _router(dataset: Dataset, faults: Faults | None) -> APIRouter:
    router = APIRouter()

    for endpoint in endpoints():
        _serve(router, endpoint, endpoint.rows(dataset), faults)

    @router.get("/health", summary="Ready, and with which seed, scale and catalogue")
    async def health() -> Health:
        return Health(
            status="ok",
            seed=dataset.seed,
            scale=dataset.scale,
            songs=dataset.songs,
            songs_csv=None if dataset.songs_csv is None else str(dataset.songs_csv),
        )

    return router


def _serve(router: APIRouter, endpoint: Endpoint, rows: Rows, faults: Faults | None) -> None:
    """Adds the route of one endpoint."""
    described: dict[str, Any] = {"responses": _ANSWERS, "summary": endpoint.summary, "name": endpoint.name}

    @router.get(endpoint.path, response_model=list[endpoint.model], **described)  # type: ignore[name-defined]
    async def records(
        request: Request,
        start_date: StartDate = None,
        end_date: EndDate = None,
        limit: Limit = None,
        cursor: Cursor = None,
    ) -> Response:
        first, last = _days(start_date, end_date)
        wanted = page(rows.calendar, first, last, limit, cursor)
        struck = faults.strikes(endpoint.path, first, last) if faults else []
        return await _answer(request, rows, wanted, struck)


def _days(start: date | None, end: date | None) -> tuple[date, date]:
    """The days meant. An end before the calendar, without a start, is a question with no rows in its answer."""
    first = start or min(FIRST_DAY, end or FIRST_DAY)
    return first, end or max(LAST_DAY, first)


async def _answer(request: Request, rows: Rows, wanted: Page, struck: list[Fault]) -> Response:
    headers = _place(request, wanted)
    if struck:
        return await run_in_threadpool(malformed_answer, struck, rows, wanted, headers)
    if is_small(wanted):
        text = await run_in_threadpool(lambda: b"".join(array(rows, wanted.low, wanted.high)))
        return Response(text, media_type=_JSON, headers=headers)
    return StreamingResponse(array(rows, wanted.low, wanted.high), media_type=_JSON, headers=headers)


def _place(request: Request, wanted: Page) -> dict[str, str]:
    """Headers by which a client knows that it has all: how many rows the window has, and where the next ones are."""
    count = {"X-Total-Count": str(wanted.window_high - wanted.window_low)}
    if wanted.next_cursor is None:
        return count
    return {**count, "Link": f'<{request.url.include_query_params(cursor=wanted.next_cursor)}>; rel="next"'}


async def _bad_request(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=400)
