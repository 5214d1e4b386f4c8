"""Proofs: how each delivery of a window is shown to be whole."""

from collections.abc import Sequence
from datetime import timedelta

from spark_jobs.completeness.comparisons import NOT_COMMITTED, WAY_OUT, at_once, differing, earlier, longer
from spark_jobs.completeness.figures import Ask, Figures, figures_or_none, has_records, with_records
from spark_jobs.problem import Problem

COUNT, EMPTY, LINKS = "count", "empty", "links"


def proofs(deliveries: Sequence[Figures], limit: int, ask: Ask, ask_unlimited: Ask) -> list[str]:
    """The proof of each delivery of a table, in their order, which is that of their days.

    `limit`: most records a page was asked to have. `ask` puts another question to the API, `ask_unlimited` one without
    a limit. Raises Problem for a delivery that is not whole, or was cut by all that can be seen.
    """
    _raise_if_days_are_exclusive(deliveries, ask)
    shown = [_record_count(each) or (EMPTY if not each.records and not each.is_doubtful else "") for each in deliveries]
    page_size = max((each.longest_linked for each in deliveries), default=0)
    for number, each in enumerate(deliveries):
        if not shown[number] and not each.is_doubtful and each.last_page < min(page_size, limit or page_size):
            shown[number] = LINKS
    if page_size or any(each.is_doubtful for each in deliveries):
        return at_once(deliveries, shown, ask)
    return longer(deliveries, shown, ask, ask_unlimited)


def _raise_if_days_are_exclusive(deliveries: Sequence[Figures], ask: Ask) -> None:
    """Raises Problem if every day by itself is empty and days at once are not: the API takes a date as exclusive."""
    days = [each for each in deliveries if each.first == each.last]
    if with_records(days) or not any(earlier(each.last) for each in days):
        return
    first = days[0].last if len(days) > 1 else days[0].last - timedelta(days=1)
    whole = figures_or_none(ask, first, days[-1].last)
    if whole and whole.records and (len(days) > 1 or not has_records(ask, first, first)):
        raise differing(whole, 0, "start_date and end_date are both inclusive: the same date twice is that day")


def _record_count(delivery: Figures) -> str:
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
