"""Paging: the next page by RFC 8288, what is no end, and what the source counts."""

from email.message import Message

import pytest

from spark_jobs.problem import Problem
from spark_jobs.sources.paging import Place, place

URL = "http://api.example:8000/v1/sessions?limit=10"
NEXT = "http://api.example:8000/v1/sessions?cursor=2"


def _place(*lines: str, status: int = 200) -> Place:
    headers = Message()
    for line in lines:
        headers["Link"] = line
    return place(URL, status, headers)


@pytest.mark.parametrize(
    "lines",
    [
        ("</style.css>; rel=preload; as=style", f'<{NEXT}>; rel="next"'),
        (f'<{NEXT}>; rel="next"', '</docs>; rel="help"'),
        (f'</style.css>; rel=preload, <{NEXT}>; rel="next"',),
        (f'<{NEXT}>; Rel="next"',),
        (f'<{NEXT}>; REL="NEXT"',),
        (f"<{NEXT}>; rel=next",),
        (f"<{NEXT}>; rel='next'",),
        (f'<{NEXT}>; rel="last next"',),
        (f'<{NEXT}>; rel="http://example.com/more next"',),
        (f'<{NEXT}>; title="page 2, the next"; rel="next"',),
        (f'<{NEXT}>; title="a; rel=\\"prev\\", <b>"; rel="next"',),
        (f"<{NEXT}>; title*=UTF-8''n%C3%A4chste; rel=next",),
        (f"<{NEXT}>; rel=next; rel=prev",),  # RFC 8288, 3.3: those after the first are passed over
        (f'<{NEXT}>;rel = "next";',),
        (f'<{NEXT}>; crossorigin; rel="next"',),
        (f'<{NEXT}>; rel="next"; anchor="#page"',),
        (f'<{NEXT}>; rel="next"; anchor="{URL}"',),
        ('<?cursor=2>; rel="next"',),
        ('</v1/sessions?cursor=2>; rel="next"',),
        (f'<https{NEXT[4:]}>; rel="next"',),
        (f'<{NEXT}>; rel="next"', f'<{NEXT}>; rel="next"'),
        (f'<{NEXT}>; rel="next", nonsense',),
        (f'<{NEXT}#top>; rel="next"',),
        (f'<{NEXT}>; rel="next',),
    ],
)
def test_next_page_is_found(lines: tuple[str, ...]) -> None:
    assert _place(*lines) == Place(NEXT)


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("?cursor=2&token=a b", f"{NEXT}&token=a%20b"),
        ("?cursor=a,b;c", "http://api.example:8000/v1/sessions?cursor=a,b;c"),
        ("?cursor=a%2Cb", "http://api.example:8000/v1/sessions?cursor=a%2Cb"),
        ("?cursor=é", "http://api.example:8000/v1/sessions?cursor=%E9"),
        ("//api.example:8000/v1/x", "http://api.example:8000/v1/x"),
        ("https://api.example/v1/x", "http://api.example:8000/v1/x"),
        ("http://user:pw@api.example:8000/v1/x", "http://api.example:8000/v1/x"),
    ],
)
def test_target_is_requested_from_the_apis_own_server(target: str, found: str) -> None:
    assert _place(f"<{target}>; rel=next").next_url == found


@pytest.mark.parametrize(
    "target",
    ["http://other.example:8000/v1/x", "http://api.example:9000/x", "//evil.example/x", "ftp://api.example:8000/x"],
)
def test_next_page_on_another_server_is_refused_with_both_names(target: str) -> None:
    with pytest.raises(Problem, match="next page lies on another server") as refused:
        _place(f"<{target}>; rel=next")
    assert "http://api.example:8000" in refused.value.value
    assert target in refused.value.value


def test_two_next_pages_are_refused() -> None:
    with pytest.raises(Problem, match="several next pages"):
        _place(f"<{NEXT}>; rel=next", f"<{NEXT}1>; rel=next")


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ('</docs>; rel="help"',),
        (f'<{URL}>; rel="self", <{URL}&page=1>; rel="first", <{URL}&page=1>; rel="last"',),
        (f'<{URL}&page=3>; rel="prev", <{URL}>; rel="last"',),
        ('</x>; rel="http://example.com/more"',),
        (f'<{NEXT}>; rel="next"; anchor="/other"',),
    ],
)
def test_answer_without_a_next_page_is_an_end(lines: tuple[str, ...]) -> None:
    assert _place(*lines) == Place(None, is_doubtful=False)


@pytest.mark.parametrize(
    "lines",
    [
        (f"<{NEXT}>; rel=weiter",),
        (f"<{NEXT}>; rel=next_page",),
        (f"<{NEXT}>",),
        (f"<{NEXT}>; rev=next",),
        (f"<{NEXT}>; rel*=UTF-8''next",),
        (f"{NEXT}; rel=next",),
        (f"<{NEXT}; rel=next",),
        (f"<{NEXT}> rel=next",),
        (f'<{URL}&page=1>; rel="first", <{URL}&page=4>; rel="last"',),
    ],
)
def test_link_that_is_not_understood_is_no_end(lines: tuple[str, ...]) -> None:
    assert _place(*lines) == Place(None, is_doubtful=True)


def test_partial_content_is_no_end() -> None:
    assert _place(status=206).is_doubtful
