"""Completeness: every server either delivers all it has, or stops the landing with both numbers."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from spark_jobs.lake.landing import Landing
from spark_jobs.land import land_api
from spark_jobs.problem import Problem
from spark_jobs.silver import TABLES
from spark_jobs.sources.api import Api
from spark_jobs.window import Window
from tests.unit.spark_jobs.foreign_api import ForeignApi, Headers, next_link, served

DAYS = [date(2020, 1, day) for day in range(1, 6)]
WHOLE = Window(DAYS[0], DAYS[-1])
THIRD = Window(DAYS[2], DAYS[2])
FORTY = dict.fromkeys(DAYS, 40)

Landed = Callable[..., tuple[list[int], list[str], int]]


@pytest.fixture
def landed(uri: str) -> Landed:
    """Records and proof of each day as landed, and how many are unproven."""

    def land(api: ForeignApi, window: Window = WHOLE, table: str = "sessions", limit: int = 1000):  # type: ignore[no-untyped-def]
        landing = Landing(uri, "api", table)
        with served(api):
            summary = land_api(Api(api.url, page_limit=limit, first_wait_s=0.01), TABLES[table].source, landing, window)
        manifests = landing.manifests(window.days())
        return [each.rows for each in manifests], [each.proof for each in manifests], summary["unproven"]

    return land


def _header(name: str, text: str) -> Callable[[int], Headers]:
    return lambda total: [(name, text.format(total=total))]


def test_answers_without_pages_are_measured_by_a_longer_one(landed: Landed) -> None:
    api = ForeignApi({**FORTY, DAYS[1]: 50})
    assert landed(api) == ([40, 50, 40, 40, 40], ["longer answer"] * 5, 0)
    assert api.requests[5:] == ["/sessions?start_date=2020-01-01&end_date=2020-01-03&limit=1000"]


def test_single_day_is_measured_by_days_before_it(landed: Landed) -> None:
    assert landed(ForeignApi(FORTY), THIRD) == ([40], ["longer answer"], 0)
    assert landed(ForeignApi({date(2019, 12, 29): 1, DAYS[2]: 3}), THIRD) == ([3], ["longer answer"], 0)


def test_only_day_there_is_cannot_be_shown_to_be_whole(landed: Landed) -> None:
    assert landed(ForeignApi({DAYS[2]: 40}), WHOLE) == (
        [0, 0, 40, 0, 0],
        ["empty", "empty", "unproven", "empty", "empty"],
        1,
    )


@pytest.mark.parametrize("window", [WHOLE, THIRD], ids=["a window", "a day"])
@pytest.mark.parametrize(
    "link", [lambda url: [], lambda url: [("Link", '</docs>; rel="help"')]], ids=["none", "another"]
)
def test_pages_that_link_no_next_one_stop_the_landing(
    window: Window, link: Callable[[str], Headers], landed: Landed
) -> None:
    for page in (10, 39, 40):
        api = ForeignApi({**FORTY, DAYS[2]: 41}, page=page, link=link)
        with pytest.raises(Problem, match="cuts its answers and links no next page"):
            landed(api, window)


def test_limit_that_is_heeded_without_a_link_stops_the_landing(landed: Landed) -> None:
    with pytest.raises(Problem, match="cuts its answers and links no next page"):
        landed(ForeignApi(FORTY, does_heed_limit=True, link=lambda url: []), limit=30)
    with pytest.raises(Problem, match="cuts its answers and links no next page"):
        landed(ForeignApi({DAYS[2]: 40}, does_heed_limit=True, link=lambda url: []), limit=30)


def test_day_as_long_as_the_limit_is_whole_where_limits_are_not_heeded(landed: Landed) -> None:
    assert landed(ForeignApi(FORTY), limit=40) == ([40] * 5, ["longer answer"] * 5, 0)


@pytest.mark.parametrize("page", [7, 10, 39, 40, 41])
def test_linked_pages_of_any_size_are_all_there(page: int, landed: Landed) -> None:
    rows, proofs, unproven = landed(ForeignApi(FORTY, page=page))
    assert (rows, unproven) == ([40] * 5, 0)
    assert set(proofs) == {{7: "links", 39: "links", 41: "longer answer"}.get(page, "days at once")}


def test_lost_link_of_one_day_stops_the_landing(landed: Landed) -> None:
    def link(url: str) -> Headers:
        return [] if "start_date=2020-01-03&end_date=2020-01-03" in url else next_link(url)

    for window in (WHOLE, THIRD):
        with pytest.raises(Problem, match="another number of records for days at once") as stopped:
            landed(ForeignApi(FORTY, page=10, link=link), window)
        assert "one by one" in stopped.value.value


def test_search_that_ends_after_so_many_records_stops_the_landing(landed: Landed) -> None:
    """Some APIs link their pages up to a number of records, and then no more."""

    def link(url: str) -> Headers:
        return [] if url.endswith("cursor=30") else next_link(url)

    with pytest.raises(Problem, match=r"30 at once, 150 one by one"):
        landed(ForeignApi(FORTY, page=10, link=link))


@pytest.mark.parametrize(
    "count",
    [
        _header("X-Total-Count", "{total}"),
        _header("x-total", " {total} "),
        _header("Content-Range", "sessions 0-9/{total}"),
        _header("Content-Range", "0-24/{total}"),
        _header("X-Pagination", '{{"TotalCount": {total}, "PageSize": 10}}'),
    ],
)
def test_count_of_the_source_is_a_proof_and_asks_nothing_more(count: Callable[[int], Headers], landed: Landed) -> None:
    api = ForeignApi(FORTY, page=10, count=count)
    assert landed(api) == ([40] * 5, ["count"] * 5, 0)
    assert len(api.requests) == 20
    with pytest.raises(Problem, match=r"own count is not what it delivered.*counts 40 records, and 10 came"):
        landed(ForeignApi(FORTY, page=10, count=count, link=lambda url: []))


def test_contradiction_commits_nothing(landed: Landed, uri: str) -> None:
    def count(total: int) -> Headers:
        return [("X-Total-Count", str(total + (total == 41)))]

    with pytest.raises(Problem) as stopped:
        landed(ForeignApi({**FORTY, DAYS[4]: 41}, count=count))
    assert "start_date=2020-01-05" in stopped.value.where
    assert [Landing(uri, "api", "sessions").manifest(day) for day in DAYS] == [None] * 5


@pytest.mark.parametrize("value", ["", "many", "-1", "1e3", "0x10", "bytes 0-1/2"])
def test_count_that_is_no_number_is_none(value: str, landed: Landed) -> None:
    for name in ("X-Total-Count", "Content-Range", "X-Pagination"):
        assert landed(ForeignApi(FORTY, count=_header(name, value)))[1] == ["longer answer"] * 5


def test_link_that_nobody_understands_needs_another_proof(landed: Landed) -> None:
    def odd(url: str) -> Headers:
        return [("Link", f"<{url}>; rel=weiter")]

    with pytest.raises(Problem, match=r"50 at once|10 at once"):
        landed(ForeignApi(FORTY, page=10, link=odd))
    with pytest.raises(Problem, match="Link header cannot be understood"):
        landed(ForeignApi({DAYS[2]: 40}, page=10, link=odd))
    on_every_answer = ForeignApi(FORTY, count=_header("Link", "</logo.svg>; rel=schoener-wohnen"))
    assert landed(on_every_answer) == ([40] * 5, ["days at once"] * 5, 0)


def test_partial_content_without_a_next_page_needs_another_proof(landed: Landed) -> None:
    class Partial(ForeignApi):
        def answer(self, path, headers):  # type: ignore[no-untyped-def]
            return (206, *super().answer(path, headers)[1:])

    with pytest.raises(Problem, match="10 at once, 50 one by one"):
        landed(Partial(FORTY, page=10, link=lambda url: []))


def test_history_of_users_is_requested_in_two_parts(landed: Landed) -> None:
    days = {date(2019, 12, 15): 30, date(2019, 12, 31): 5}
    api = ForeignApi(days)
    landed(api, Window(DAYS[0], DAYS[0]), "users")
    assert api.requests[-2:] == [
        "/users?start_date=2019-12-31&end_date=2019-12-31&limit=1000",
        "/users?end_date=2019-12-30&limit=1000",
    ]


@pytest.mark.parametrize("page", [5, 30, 34])
def test_history_that_is_cut_stops_the_landing(page: int, landed: Landed) -> None:
    days = {date(2019, 12, 15): 30, date(2019, 12, 31): 5}
    with pytest.raises(Problem, match="cuts its answers"):
        landed(ForeignApi(days, page=page, link=lambda url: []), Window(DAYS[1], DAYS[1]), "users")


def test_api_that_refuses_wider_requests_is_landed_and_reported_as_unproven(landed: Landed) -> None:
    class OneDay(ForeignApi):
        def answer(self, path, headers):  # type: ignore[no-untyped-def]
            one = path.split("start_date=")[1][:10] == path.split("end_date=")[1][:10]
            return super().answer(path, headers) if one else (400, [], '{"detail": "one day at most"}')

    assert landed(OneDay({**FORTY, DAYS[0]: 39})) == ([39, 40, 40, 40, 40], ["longer answer", *["unproven"] * 4], 4)


@pytest.mark.parametrize("window", [WHOLE, THIRD], ids=["a window", "a day"])
def test_api_that_takes_the_end_as_exclusive_stops_the_landing(window: Window, landed: Landed) -> None:
    class Exclusive(ForeignApi):
        def records(self, table, first, last):  # type: ignore[no-untyped-def]
            return super().records(table, first, last - timedelta(days=1))

    for count in (lambda total: [], _header("X-Total-Count", "{total}")):
        with pytest.raises(Problem, match=r"at once, 0 one by one.*both inclusive"):
            landed(Exclusive(FORTY, count=count), window)


def test_window_without_a_record_is_landed(landed: Landed) -> None:
    assert landed(ForeignApi({}), WHOLE) == ([0] * 5, ["empty"] * 5, 0)
    assert landed(ForeignApi({DAYS[1]: 7}), THIRD) == ([0], ["empty"], 0)


def test_first_day_of_the_calendar_has_none_before_it(landed: Landed) -> None:
    first = date(1, 1, 1)
    with_records, empty = ForeignApi({first: 4}), ForeignApi({})
    assert landed(with_records, Window(first, first)) == ([4], ["unproven"], 1)
    assert landed(empty, Window(first, first)) == ([0], ["empty"], 0)
