"""Figures: what the pages of one question to the API came to."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from spark_jobs.problem import Problem
from spark_jobs.sources.api import Page


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


def figures_or_none(ask: Ask, first: date | None, last: date) -> Figures | None:
    """The figures of another question, None if the API does not answer it: no proof is no reason to stop."""
    try:
        return ask(first, last)
    except Problem:
        return None


def has_records(ask: Ask, first: date, last: date) -> bool:
    figures = figures_or_none(ask, first, last)
    return figures is not None and figures.records > 0


def with_records(deliveries: Sequence[Figures]) -> int:
    return sum(bool(each.records) for each in deliveries)
