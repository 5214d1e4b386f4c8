"""Paging: what an answer says about itself: the page after it, and how many records there are in all.

Links are read as RFC 8288 has them, by the library weblinking. A `Link` header that names no relation anybody knows,
or cannot be read, is not taken for the end: the page is then doubtful, and the delivery has to be shown to be whole.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import urldefrag, urljoin

import weblinking

from spark_jobs.problem import Problem
from spark_jobs.sources import address

# What public APIs call the number of records of all pages, in lower case.
COUNTS = (
    *("x-total-count", "x-total", "total-count", "total", "x-wp-total", "x-total-records", "x-record-count"),
    *("x-pagination-total-count", "x-pagination-total", "pagination-count", "x-total-elements", "x-total-results"),
)
COUNTS_IN_PAGINATION = ("total", "totalcount", "total_count", "totalitems", "total_items", "totalelements")
PARTIAL_CONTENT = 206


@dataclass(frozen=True)
class Place:
    """Where an answer stands among the pages. `count`: records of all pages, None if it does not say.

    `is_doubtful`: it may have a next page, which cannot be told from what it says.
    """

    next_url: str | None = None
    count: int | None = None
    is_doubtful: bool = False


def place(url: str, status: int, headers: Message) -> Place:
    """Raises Problem if the next page lies on another server, or if there are several."""
    lines = headers.get_all("Link") or []
    links = [link for link in weblinking.parse(lines) if _is_about(url, link)]
    targets = {address.linked(url, link.uri) for link in links if "next" in _relations(link)}
    if len(targets) > 1:
        raise Problem(
            "The API names several next pages", url, ", ".join(sorted(targets)), 'let it send one Link: rel="next"'
        )
    next_url = next(iter(targets), None)
    is_doubtful = next_url is None and (
        status == PARTIAL_CONTENT or not _is_understood(lines) or _is_before_last(url, links)
    )
    return Place(next_url, count_of(headers), is_doubtful)


def count_of(headers: Mapping[str, str] | Message) -> int | None:
    """How many records the source says there are in all."""
    given = {name.lower(): str(value).strip() for name, value in headers.items()}
    named = (given[name] for name in COUNTS if name in given)
    of_range = re.fullmatch(r"(?!bytes\b)(?:\S+ )?(?:\d+-\d+|\*)/(\d+)", given.get("content-range", ""))
    found = [*named, of_range[1] if of_range else "", _count_in_pagination(given.get("x-pagination", ""))]
    return next((int(value) for value in found if value.isascii() and value.isdigit() and len(value) < 16), None)


def _count_in_pagination(text: str) -> str:
    """X-Pagination holds JSON, as ASP.NET's examples have it."""
    try:
        value: Any = json.loads(text)
    except ValueError:
        return ""
    names = {name.lower(): each for name, each in value.items()} if isinstance(value, dict) else {}
    return next((str(names[name]) for name in COUNTS_IN_PAGINATION if name in names), "")


def _relations(link: weblinking.Link) -> tuple[str, ...]:
    """The link's relation types. `rel='next'` is next: single quotes quote nothing in a header, but people use them."""
    return tuple(each.strip("'") for each in link.rels)


def _is_about(url: str, link: weblinking.Link) -> bool:
    """True unless the link is another resource's, by its anchor (RFC 8288, 3.2)."""
    return link.anchor is None or urldefrag(urljoin(url, link.anchor)).url == urldefrag(url).url


def _is_understood(lines: list[str]) -> bool:
    """True if every link can be read, and has a relation that is registered or an address (RFC 8288, 2.1)."""
    try:
        links = weblinking.parse(lines, strict=True)
    except weblinking.LinkError:
        return False
    return all(any(weblinking.is_registered(rel) or ":" in rel for rel in link.rels) for link in links)


def _is_before_last(url: str, links: list[weblinking.Link]) -> bool:
    """True if the answer names a last page that is neither itself nor the first one."""
    named = {rel: urljoin(url, link.uri) for link in links for rel in _relations(link)}
    return named.get("last", url) not in (url, named.get("first"))
