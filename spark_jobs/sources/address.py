"""Addresses of the API: what API_URL may be, and which links and redirects stay on its server.

Behind a proxy that ends TLS, an API often writes http where it is asked by https. So the same host under the other
scheme is the same server, and is asked as the page itself was; a redirect from http to https is followed as it stands.
"""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qsl, quote, urljoin, urlsplit, urlunsplit

from spark_jobs.problem import Problem

DEFAULT_PORTS = {"http": 80, "https": 443}
EXAMPLE = "write it as https://host, or http://host:port/path"
KEPT = "%/:=&?~#+!$,;'@()*[]"  # what stands in a URL as it is (RFC 3986, 2.2), and escapes made already


def base_url(text: str, name: str = "API_URL") -> str:
    """The address in its normal form, without a slash at its end.

    Raises Problem naming the variable `name`; what may be a password is not shown.
    """
    url = text.strip()
    parts = _parts(url, name)
    if parts.username is not None or "@" in parts.netloc:
        raise _unusable(
            f"{name} holds a user or a password",
            url,
            name,
            "leave it out: set API_AUTH to basic:USER, and the password as API_SECRET (docs/your-own-sources.md)",
        )
    if parts.query or parts.fragment or url.endswith(("?", "#")):
        raise _unusable(
            f"{name} has a query or a fragment",
            url,
            name,
            "end it with the path; a key belongs into API_SECRET, with API_AUTH saying how it is sent "
            "(docs/your-own-sources.md)",
        )
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port is not None else ""
    shown = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, f"{shown}{port}", quote(parts.path.rstrip("/"), safe=KEPT), "", ""))


def is_loopback(url: str) -> bool:
    """True if the host of the address is this machine's own."""
    return _is_loopback_host(urlsplit(url).hostname or "")


def linked(page_url: str, target: str) -> str:
    """The address of a link on a page, asked with the page's own scheme, host and port.

    Raises Problem if it lies on another server.
    """
    own, url = urlsplit(page_url), _target(page_url, target, "The API's next page lies on another server")
    return urlunsplit((own.scheme, own.netloc, url.path or "/", url.query, ""))


def redirected(page_url: str, target: str | None) -> str:
    """Where a redirect leads. Raises Problem for another server, or if the redirect loses the dates of the request."""
    own, url = urlsplit(page_url), _target(page_url, target or "", "The API's redirect lies on another server")
    lost = dict(parse_qsl(own.query)).items() - dict(parse_qsl(url.query)).items()
    if lost:
        raise Problem(
            "The API's redirect loses what was asked",
            page_url,
            f"redirect to {target!r}, without {'&'.join('='.join(pair) for pair in sorted(lost))}",
            "let API_URL be the address it redirects to",
        )
    if (own.scheme, url.scheme) == ("http", "https"):
        return urlunsplit((url.scheme, url.netloc.rpartition("@")[2], url.path or "/", url.query, ""))
    return urlunsplit((own.scheme, own.netloc, url.path or "/", url.query, ""))


def _parts(url: str, name: str) -> SplitResult:
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        raise _unusable(f"{name} is no http address", url, name, EXAMPLE)
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError if it is none
        is_address = parts.scheme in DEFAULT_PORTS and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address:
        raise _unusable(f"{name} is no http address", url, name, EXAMPLE)
    return parts


def _unusable(what: str, url: str, name: str, way_out: str) -> Problem:
    """The problem of a setting. All that could hold a password is left out of the value shown."""
    before, at, after = url.rpartition("@")
    scheme = f"{before.split('://')[0]}://" if "://" in before else ""
    shown = f"{scheme}…@{after}" if at else url
    return Problem(what, name, repr(re.sub(r"[?#].+", "?…", shown)), way_out)


def _target(page_url: str, target: str, what: str) -> SplitResult:
    """The parts of a target that lies on the server of `page_url`."""
    own = urlsplit(page_url)
    try:
        # headers are read as Latin-1 (RFC 9110, 5.5); what they hold of another alphabet is UTF-8
        url = urlsplit(urljoin(page_url, quote(target.encode("latin-1", "replace"), safe=KEPT)))
        is_own = url.scheme in DEFAULT_PORTS and _is_same_host(url, own) and _is_same_port(url, own)
    except ValueError:
        is_own = False
    if not is_own:
        raise Problem(
            what,
            page_url,
            f"leads to {target!r}, where API_URL is {own.scheme}://{own.netloc}",
            "set API_URL to the address the API calls itself by; other servers are never asked",
        )
    return url


def _is_same_host(url: SplitResult, own: SplitResult) -> bool:
    host, its_own = url.hostname or "", own.hostname or ""
    return host == its_own or (_is_loopback_host(host) and _is_loopback_host(its_own))


def _is_same_port(url: SplitResult, own: SplitResult) -> bool:
    default = DEFAULT_PORTS[url.scheme]
    port = url.port or default
    return port == (own.port or DEFAULT_PORTS[own.scheme]) or (url.scheme != own.scheme and port == default)


def _is_loopback_host(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
