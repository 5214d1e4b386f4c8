"""Comparisons: the same days asked for in another way, where a delivery does not show by itself that it is whole."""

from collections.abc import Sequence
from datetime import date, timedelta

from spark_jobs.completeness.figures import Ask, Figures, figures_or_none, has_records, with_records
from spark_jobs.problem import Problem

LONGER, AT_ONCE, UNPROVEN = "longer answer", "days at once", "unproven"
NEIGHBOURS = (1, 7, 31)  # numbers of days in which another record is looked for
NOT_COMMITTED = "Nothing of the window was committed: landing is as it was."
WAY_OUT = 'let it send Link: rel="next" with each page but the last, or the number of all records as X-Total-Count'


def longer(deliveries: Sequence[Figures], shown: list[str], ask: Ask, ask_unlimited: Ask) -> list[str]:
    """Nothing was linked: the longest answer is compared with one of more days, and then is the others' measure."""
    if all(shown):
        return shown
    longest = max(deliveries, key=lambda each: each.records)
    wider = _wider(longest, deliveries, ask)
    if wider and 0 < wider.longest_linked <= longest.last_page:
        return at_once(deliveries, shown, ask)
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
    if with_records(span) > 1:
        wider = figures_or_none(ask, span[0].first, span[-1].last)
        if wider and wider.records <= longest.records:
            raise _cut(longest, wider)
        return wider
    if longest.first is None:
        return None
    for days in earlier(longest.first):
        first = longest.first - timedelta(days=days)
        wider = figures_or_none(ask, first, longest.last)
        if wider is None or wider.records > longest.records:
            return wider
        if wider.digest != longest.digest or has_records(ask, first, longest.first - timedelta(days=1)):
            raise _cut(longest, wider)
    return None


def _proof_of_longest(longest: Figures, ask: Ask, ask_unlimited: Ask) -> str:
    """The proof of a delivery that no days beside it are there to be compared with. Raises Problem if it was cut."""
    if longest.first is None:
        return _apart(longest, ask)
    unlimited = figures_or_none(ask_unlimited, longest.first, longest.last)
    if unlimited and unlimited.records > longest.records:
        raise _cut(longest, unlimited)
    return UNPROVEN


def _apart(history: Figures, ask: Ask) -> str:
    """The days since ever in two questions: cut at its length, the answer to one would lack what those two have."""
    for days in NEIGHBOURS:
        between = history.last - timedelta(days=days)
        tail = figures_or_none(ask, between + timedelta(days=1), history.last)
        if tail and tail.records >= history.records and tail.digest != history.digest:
            raise _cut(history, tail)
        if tail and 0 < tail.records < history.records:
            head = figures_or_none(ask, None, between)
            if head and head.distinct + tail.distinct > history.distinct:
                raise _cut(history, head)
            return AT_ONCE if head and head.records else UNPROVEN
    return UNPROVEN


def at_once(deliveries: Sequence[Figures], shown: list[str], ask: Ask) -> list[str]:
    """From the first day without proof to the last, asked in one question: as many records as one by one."""
    open_ = [number for number, proof in enumerate(shown) if not proof]
    if not open_:
        return shown
    span = list(_with_neighbour(deliveries, open_[0], open_[-1]))
    if with_records(span) < 2:
        span = _beside(span, ask)
    whole = figures_or_none(ask, span[0].first, span[-1].last) if with_records(span) > 1 else None
    records, distinct = sum(each.records for each in span), sum(each.distinct for each in span)
    if whole and whole.records != records and whole.distinct != distinct:
        raise differing(whole, records, f"run the same window again; if it stays so: {WAY_OUT}")
    if whole is None and any(deliveries[number].is_doubtful for number in open_):
        raise Problem(
            "The API's Link header cannot be understood, and nothing shows that its answer is whole",
            deliveries[open_[0]].url,
            f"{deliveries[open_[0]].records:,} records",
            WAY_OUT,
            NOT_COMMITTED,
        )
    return [proof or (AT_ONCE if whole else UNPROVEN) for proof in shown]


def _with_neighbour(deliveries: Sequence[Figures], low: int, high: int) -> Sequence[Figures]:
    """The deliveries low..high, with those before or after that it takes to have two with records."""
    while with_records(deliveries[low : high + 1]) < 2 and (low or high + 1 < len(deliveries)):
        low, high = max(0, low - 1), min(len(deliveries) - 1, high + 1)
    return deliveries[low : high + 1]


def _beside(span: list[Figures], ask: Ask) -> list[Figures]:
    """The span with the nearest days outside the window that have records, if there are any."""
    first, last = span[0].first, span[-1].last
    for days in NEIGHBOURS if first is None else earlier(first):
        if first is None:
            beside = figures_or_none(ask, last + timedelta(days=1), last + timedelta(days=days))
        else:
            beside = figures_or_none(ask, first - timedelta(days=days), first - timedelta(days=1))
        if beside is None:
            break
        if beside.records:
            return [*span, beside] if first is None else [beside, *span]
    return span


def earlier(day: date) -> tuple[int, ...]:
    """How many days before a day are looked at; there is none before the calendar's first."""
    return tuple(days for days in NEIGHBOURS if days < day.toordinal())


def _cut(longest: Figures, other: Figures) -> Problem:
    return Problem(
        "The API cuts its answers and links no next page",
        longest.url,
        f"{longest.records:,} records; and {other.records:,}, with others missing, by {other.url}",
        f"{WAY_OUT}; if its data changed meanwhile, run the same window again",
        NOT_COMMITTED,
    )


def differing(whole: Figures, one_by_one: int, way_out: str) -> Problem:
    return Problem(
        "The API gives another number of records for days at once than one by one",
        whole.url,
        f"{whole.records:,} at once, {one_by_one:,} one by one",
        way_out,
        NOT_COMMITTED,
    )
