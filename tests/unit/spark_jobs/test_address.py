"""Addresses: which API_URL is taken, and that none of its secrets is shown."""

import pytest

from spark_jobs.problem import Problem
from spark_jobs.sources.address import base_url, is_loopback, redirected

REQUEST = "http://api.example/users?start_date=2020-01-01&end_date=2020-01-01"
DATES = "start_date=2020-01-01&end_date=2020-01-01"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        (" https://api.example/ ", "https://api.example"),
        ("HTTPS://API.Example:443/Shop/v1//", "https://api.example:443/Shop/v1"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
        ("http://api.example/größe", "http://api.example/gr%C3%B6%C3%9Fe"),
    ],
)
def test_address_is_taken_in_its_normal_form(text: str, url: str) -> None:
    assert base_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        *("", "localhost:8000", "api.example", "file:///etc/passwd", "ftp://api.example", "http://", "http:///users"),
        *("http://api.example:port", "http://api.example:99999", "http://[::1", "http://a b"),
    ],
)
def test_address_that_is_none_is_refused_with_its_value(text: str) -> None:
    with pytest.raises(Problem, match="write it as https://host") as refused:
        base_url(text)
    assert (refused.value.where, refused.value.value) == ("API_URL", repr(text))


@pytest.mark.parametrize(
    "text",
    [
        "https://user:s3cret@api.example",
        "https://user:s3cret@api.example:8000/v1",
        "https://s3cret@api.example",
        "https://us:er@s3cret@api.example",
        "https://api.example?api_key=s3cret",
        "https://api.example/v1?x=1&token=s3cret#y",
        "https://api.example/#s3cret",
        "user:s3cret@api.example",
        "https://user:s3cret@api example",
        "https://user:s3cret@api.example:port",
    ],
)
def test_secret_in_an_address_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(Problem) as refused:
        base_url(text)
    assert "s3cret" not in str(refused.value)
    assert "api" in refused.value.value


def test_query_without_a_secret_is_refused_too() -> None:
    with pytest.raises(Problem, match=r"API_URL has a query.*API_SECRET"):
        base_url("https://api.example/?")


@pytest.mark.parametrize(
    ("target", "url"),
    [
        (f"http://api.example/users/?{DATES}", f"http://api.example/users/?{DATES}"),
        (f"/users/?{DATES}&v=2", f"http://api.example/users/?{DATES}&v=2"),
        (f"https://api.example/users?{DATES}", f"https://api.example/users?{DATES}"),
    ],
)
def test_redirect_on_the_same_host_is_followed(target: str, url: str) -> None:
    assert redirected(REQUEST, target) == url


def test_redirect_to_http_stays_with_https() -> None:
    """What an API behind a proxy that ends TLS says of itself."""
    request = REQUEST.replace("http:", "https:")
    assert redirected(request, f"http://api.example/users/?{DATES}") == f"https://api.example/users/?{DATES}"


@pytest.mark.parametrize("server", ["http://login.example", "http://api.example:81", "//x"])
def test_redirect_to_another_server_is_refused_with_both_names(server: str) -> None:
    with pytest.raises(Problem, match="redirect lies on another server") as refused:
        redirected(REQUEST, f"{server}/users?{DATES}")
    assert "http://api.example" in refused.value.value
    assert server in refused.value.value


@pytest.mark.parametrize("target", ["/users/", "/users/?start_date=2020-01-01"])
def test_redirect_that_loses_the_dates_is_refused(target: str) -> None:
    with pytest.raises(Problem, match="redirect loses what was asked"):
        redirected(REQUEST, target)


@pytest.mark.parametrize(
    ("url", "is_own"),
    [
        *(
            ("http://127.0.0.1:1", True),
            ("http://127.9.9.9", True),
            ("http://[::1]:1", True),
            ("http://localhost", True),
        ),
        *(("http://LOCALHOST:1", True), ("http://x.localhost", True), ("http://localhost.example", False)),
        *(("http://10.0.0.1", False), ("http://127.example", False)),
    ],
)
def test_loopback_is_known_by_its_address(url: str, is_own: bool) -> None:
    assert is_loopback(url) == is_own
