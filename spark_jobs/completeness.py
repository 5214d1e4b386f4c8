"""Completeness: how it is shown that a delivery of the API is all there is.

A bare array does not say whether it is whole, so each delivery gets the strongest proof there is:

count           the source says how many records there are, and as many came
empty           there is no record, and no page size gives none
links           its pages were linked, and the last is shorter than one that had a page after it
longer answer   no page was linked, but the same server gave a longer answer: it did not cut this one
days at once    neighbouring days asked for in one question give as many records as one by one
unproven        none of these: the run says so

What contradicts a proof is a Problem, and nothing of the window is committed. What cannot be shown: that a server which
sends less than it has, and counts it the same, does so (docs/your-own-sources.md).
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from spark_jobs.problem import Problem
from spark_jobs.sources.api import Page

COUNT, EMPTY, LINKS, LONGER, AT_ONCE, UNPROVEN = "count", "empty", "links", "longer answer", "days at once", "unproven"
NEIGHBOURS = (1, 7, 31)  # numbers of days in which another record is looked for
NOT_COMMITTED = "Nothing of the window was committed: landing is as it was."
WAY_OUT = 'let it send Link: rel="next" with each page but the last, or the number of all records as X-Total-Count'


@dataclass(frozen=True)
class Figures:
    """What the pages of one question came to.

    records: of all pages; distinct: those but the ones whose key came before. digest: of the set of keys. counts: what
    each page says there is in all. longest_linked: records of the longest page with a next one, 0 without; last_page:
    of the page without. url: of the first page.
    """

    first: date | None
    last: date
    url: str = ""
    records: int = 0
    distinct: int = 0
    digest: str = ""
    counts: frozenset[int | None] = frozenset()
    longest_linked: int = 0
    last_page: int = 0
    is_doubtful: bool = False

    @classmethod
    def of(cls, first: date | None, last: date, pages: Iterable[Page]) -> "Figures":
        """The figures of pages that are read one after the other, each once."""
        url, records, unkeyed, linked, last_page, is_doubtful = "", 0, 0, 0, 0, False
        keys: set[str] = set()
        counts: set[int | None] = set()
        for page in pages:
            url, records = url or page.url, records + page.count.records
            unkeyed += page.count.records - len(page.count.keys)
            keys.update(page.count.keys)
            counts.add(page.place.count)
            linked = max(linked, page.count.records if page.place.next_url else 0)
            last_page, is_doubtful = page.count.records, page.place.is_doubtful
        digest = hashlib.sha256("\0".join(sorted(keys)).encode("utf-8", "surrogatepass")).hexdigest()
        distinct = len(keys) + unkeyed
        return cls(first, last, url, records, distinct, digest, frozenset(counts), linked, last_page, is_doubtful)


Ask = Callable[[date | None, date], Figures]


def proofs(deliveries: Sequence[Figures], limit: int, ask: Ask, ask_unlimited: Ask) -> list[str]:
    """The proof of each delivery of a table, in their order, which is that of their days.

    `limit`: most records a page was asked to have. `ask` puts another question to the API, `ask_unlimited` one without
    a limit. Raises Problem for a delivery that is not whole, or was cut by all that can be seen.
    """
    _raise_if_days_are_exclusive(deliveries, ask)
    shown = [_counted(each) or (EMPTY if not each.records and not each.is_doubtful else "") for each in deliveries]
    page_size = max((each.longest_linked for each in deliveries), default=0)
    for number, each in enumerate(deliveries):
        if not shown[number] and not each.is_doubtful and each.last_page < min(page_size, limit or page_size):
            shown[number] = LINKS
    if page_size or any(each.is_doubtful for each in deliveries):
        return _at_once(deliveries, shown, ask)
    return _longer(deliveries, shown, ask, ask_unlimited)


def _raise_if_days_are_exclusive(deliveries: Sequence[Figures], ask: Ask) -> None:
    """Raises Problem if every day by itself is empty and days at once are not: the API takes a date as exclusive."""
    days = [each for each in deliveries if each.first is not None]
    if not days or _with_records(days):
        return
    first = days[0].last if len(days) > 1 else days[0].last - timedelta(days=1)
    whole = _asked(ask, first, days[-1].last)
    if whole and whole.records and (len(days) > 1 or not _has_records(ask, first, first)):
        raise _differing(whole, 0, "start_date and end_date are both inclusive: the same date twice is that day")


def _counted(delivery: Figures) -> str:
    """COUNT, or nothing where the source counts nothing, or differently with each page. Raises Problem for a lack."""
    count, *others = delivery.counts or [None]
    if count is None or others:
        return ""
    if count in (delivery.records, delivery.distinct):
        return COUNT
    raise Problem(
        "The API's own count is not what it delivered",
        delivery.url,
        f"it counts {count:,} records, and {delivery.records:,} came",
        f"run the same window again; if it stays so: {WAY_OUT}",
        NOT_COMMITTED,
    )


def _longer(deliveries: Sequence[Figures], shown: list[str], ask: Ask, ask_unlimited: Ask) -> list[str]:
    """Nothing was linked: the longest answer is compared with one of more days, and then is the others' measure."""
    if all(shown):
        return shown
    longest = max(deliveries, key=lambda each: each.records)
    wider = _wider(longest, deliveries, ask)
    if wider and 0 < wider.longest_linked <= longest.last_page:
        return _at_once(deliveries, shown, ask)
    of_longest = LONGER if wider else _proof_of_longest(longest, ask, ask_unlimited)
    return [
        proof or (LONGER if each.records < longest.records else of_longest)
        for proof, each in zip(shown, deliveries, strict=True)
    ]


def _wider(longest: Figures, deliveries: Sequence[Figures], ask: Ask) -> Figures | None:
    """A longer answer, to a question that includes the longest delivery's days; None if there is none.

    Raises Problem if the answer should have been longer.
    """
    at = deliveries.index(longest)
    span = _with_neighbour(deliveries, at, at)
    if _with_records(span) > 1:
        wider = _asked(ask, span[0].first, span[-1].last)
        if wider and wider.records <= longest.records:
            raise _cut(longest, wider)
        return wider
    if longest.first is None:
        return None
    for days in NEIGHBOURS:
        first = longest.first - timedelta(days=days)
        wider = _asked(ask, first, longest.last)
        if wider is None or wider.records > longest.records:
            return wider
        if wider.digest != longest.digest or _has_records(ask, first, longest.first - timedelta(days=1)):
            raise _cut(longest, wider)
    return None


def _proof_of_longest(longest: Figures, ask: Ask, ask_unlimited: Ask) -> str:
    """The proof of a delivery that no days beside it are there to be compared with. Raises Problem if it was cut."""
    if longest.first is None:
        return _apart(longest, ask)
    unlimited = _asked(ask_unlimited, longest.first, longest.last)
    if unlimited and unlimited.records > longest.records:
        raise _cut(longest, unlimited)
    return UNPROVEN


def _apart(history: Figures, ask: Ask) -> str:
    """The days since ever in two questions: cut at its length, the answer to one would lack what those two have."""
    for days in NEIGHBOURS:
        between = history.last - timedelta(days=days)
        tail = _asked(ask, between + timedelta(days=1), history.last)
        if tail and tail.records >= history.records and tail.digest != history.digest:
            raise _cut(history, tail)
        if tail and 0 < tail.records < history.records:
            head = _asked(ask, None, between)
            if head and head.distinct + tail.distinct > history.distinct:
                raise _cut(history, head)
            return AT_ONCE if head and head.records else UNPROVEN
    return UNPROVEN


def _cut(longest: Figures, other: Figures) -> Problem:
    return Problem(
        "The API cuts its answers and links no next page",
        longest.url,
        f"{longest.records:,} records; and {other.records:,}, with others missing, by {other.url}",
        f"{WAY_OUT}; if its data changed meanwhile, run the same window again",
        NOT_COMMITTED,
    )


def _at_once(deliveries: Sequence[Figures], shown: list[str], ask: Ask) -> list[str]:
    """From the first day without proof to the last, asked in one question: as many records as one by one."""
    open_ = [number for number, proof in enumerate(shown) if not proof]
    if not open_:
        return shown
    span = list(_with_neighbour(deliveries, open_[0], open_[-1]))
    if _with_records(span) < 2:
        span = _beside(span, ask)
    whole = _asked(ask, span[0].first, span[-1].last) if _with_records(span) > 1 else None
    records, distinct = sum(each.records for each in span), sum(each.distinct for each in span)
    if whole and whole.records != records and whole.distinct != distinct:
        raise _differing(whole, records, f"run the same window again; if it stays so: {WAY_OUT}")
    if whole is None and any(deliveries[number].is_doubtful for number in open_):
        raise Problem(
            "The API's Link header cannot be understood, and nothing shows that its answer is whole",
            deliveries[open_[0]].url,
            f"{deliveries[open_[0]].records:,} records",
            WAY_OUT,
            NOT_COMMITTED,
        )
    return [proof or (AT_ONCE if whole else UNPROVEN) for proof in shown]


def _differing(whole: Figures, one_by_one: int, way_out: str) -> Problem:
    return Problem(
        "The API gives another number of records for days at once than one by one",
        whole.url,
        f"{whole.records:,} at once, {one_by_one:,} one by one",
        way_out,
        NOT_COMMITTED,
    )


def _with_neighbour(deliveries: Sequence[Figures], low: int, high: int) -> Sequence[Figures]:
    """The deliveries low..high, with those before or after that it takes to have two with records."""
    while _with_records(deliveries[low : high + 1]) < 2 and (low or high + 1 < len(deliveries)):
        low, high = max(0, low - 1), min(len(deliveries) - 1, high + 1)
    return deliveries[low : high + 1]


def _with_records(deliveries: Sequence[Figures]) -> int:
    return sum(bool(each.records) for each in deliveries)


def _beside(span: list[Figures], ask: Ask) -> list[Figures]:
    """The span with the nearest days outside the window that have records, if there are any."""
    first, last = span[0].first, span[-1].last
    for days in NEIGHBOURS:
        if first is None:
            beside = _asked(ask, last + timedelta(days=1), last + timedelta(days=days))
        else:
            beside = _asked(ask, first - timedelta(days=days), first - timedelta(days=1))
        if beside is None:
            break
        if beside.records:
            return [*span, beside] if first is None else [beside, *span]
    return span


def _has_records(ask: Ask, first: date, last: date) -> bool:
    asked = _asked(ask, first, last)
    return asked is not None and asked.records > 0


def _asked(ask: Ask, first: date | None, last: date) -> Figures | None:
    """The figures of another question, None if the API does not answer it: no proof is no reason to stop."""
    try:
        return ask(first, last)
    except Problem:
        return None
