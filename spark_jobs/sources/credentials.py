"""Credentials: how an API is told who asks, and the secret that shows it.

API_AUTH says how, API_SECRET holds the one secret it takes: a token, the value of a header, a password, or the secret
of an OAuth client. Secrets stand in headers only: in no address, argument, manifest or message.
"""

import base64
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from spark_jobs.problem import Problem
from spark_jobs.sources import address, trouble
from spark_jobs.sources.exchange import Exchange

PAGE = "docs/your-own-sources.md"
FORMS = {"bearer": "", "header": "NAME", "basic": "USER", "oauth": "CLIENT_ID"}
TOKEN_S = 60.0  # longest time the token endpoint may take
EARLY_S = 30.0  # a token is renewed this long before it ends
BEFORE_UNSTATED_END_S = 300.0  # how long a token is used that does not say when it ends


class _RefusedClientError(Exception):
    """The token endpoint did not take the client's credentials the way they were sent."""


@dataclass
class Credentials:
    """What is sent with each request to the API. `auth` as API_AUTH has it; times in seconds."""

    auth: str = "none"
    secret: str = field(default="", repr=False)
    token_url: str = "none"  # noqa: S105  an address
    scope: str = "none"
    _token: str = field(default="", init=False, repr=False)
    _ends: float = field(default=0.0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        """Raises Problem unless the settings fit each other; no secret is in it."""
        check(self.auth, self.token_url, has_secret=bool(self.secret))
        is_sent_as_it_is = self.auth.startswith(("bearer", "header"))
        if not self.secret.isprintable() or (is_sent_as_it_is and not self.secret.isascii()):
            raise _unusable("API_SECRET", "a line break or a character that no header can carry", "give it anew")

    def headers(self) -> dict[str, str]:
        """Raises Problem if the token endpoint gives no token."""
        kind, _, name = self.auth.partition(":")
        if kind == "bearer":
            return {"Authorization": f"Bearer {self.secret}"}
        if kind == "header":
            return {name: self.secret}
        if kind == "basic":
            return {"Authorization": f"Basic {_encoded(name, self.secret)}"}
        return {"Authorization": f"Bearer {self._access_token(name)}"} if kind == "oauth" else {}

    def renew(self, refused: dict[str, str]) -> bool:
        """Forgets the token that was sent in `refused` headers, if it is one that can be renewed."""
        with self._lock:
            if not self.auth.startswith("oauth:"):
                return False
            if refused.get("Authorization") == f"Bearer {self._token}":
                self._token = ""
            return True

    def hidden(self, text: str) -> str:
        """The text without the secret, whichever way it was sent: a server may repeat what it was sent."""
        name = self.auth.partition(":")[2]
        for secret in (self.secret, self._token, _encoded(name, self.secret) if self.secret else ""):
            text = text.replace(secret, "***") if secret else text
        return text

    def _access_token(self, client: str) -> str:
        with self._lock:
            if not self._token or time.monotonic() > self._ends:
                self._token, lifetime_s = self._new_token(client)
                self._ends = time.monotonic() + max(0.0, lifetime_s - EARLY_S)
            return self._token

    def _new_token(self, client: str) -> tuple[str, float]:
        """A token by the client credentials grant (RFC 6749, 4.4), and how long it lives."""
        form = {"grant_type": "client_credentials"} | ({} if self.scope == "none" else {"scope": self.scope})
        basic = _encoded(urllib.parse.quote_plus(client), urllib.parse.quote_plus(self.secret))
        try:
            return self._exchanged(form, {"Authorization": f"Basic {basic}"})
        except _RefusedClientError:
            # some take the client's own credentials in the form only (RFC 6749, 2.3.1)
            return self._exchanged({**form, "client_id": client, "client_secret": self.secret}, {}, is_last=True)

    def _exchanged(self, form: dict[str, str], headers: dict[str, str], is_last: bool = False) -> tuple[str, float]:
        request = urllib.request.Request(  # noqa: S310  check() looked
            self.token_url, urllib.parse.urlencode(form).encode(), {"Accept": "application/json", **headers}
        )
        try:
            answer = Exchange(most_bytes=1 << 20).ask(request, time.monotonic() + TOKEN_S)
        except urllib.error.HTTPError as error:
            if error.code in trouble.RETRIABLE_STATUS:
                raise
            if error.code in (400, 401) and not is_last:
                raise _RefusedClientError from None
            raise Problem(
                f"The token endpoint answered {error.code} {error.reason}",
                self.token_url,
                self.hidden(trouble.body_of(error)),
                f"check API_TOKEN_URL, API_SCOPE, the client of API_AUTH ({self.auth}) and its API_SECRET",
            ) from None
        try:
            given: Any = json.loads(answer.body)
            token, kind = str(given["access_token"]), str(given.get("token_type", "bearer"))
            lifetime_s = float(given.get("expires_in") or BEFORE_UNSTATED_END_S)
        except (ValueError, TypeError, KeyError, AttributeError):
            token, kind, lifetime_s = "", "", 0.0
        if kind.lower() != "bearer" or not token.isprintable() or not token.isascii():
            raise Problem(
                "The token endpoint gave no bearer token",
                self.token_url,
                f"{len(answer.body)} bytes without a usable access_token of the type bearer",
                "check API_TOKEN_URL and API_SCOPE",
            )
        return token, lifetime_s


def check(auth: str, token_url: str, *, has_secret: bool) -> None:
    """Raises Problem unless API_AUTH is one of its forms and has what it takes."""
    kind, colon, name = auth.partition(":")
    if auth == "none":
        return
    wanted = FORMS.get(kind)
    if wanted is None or bool(wanted) != bool(name) or (colon and not wanted):
        shown = kind if kind.isalpha() and len(kind) <= 10 else f"{len(auth)} characters, none of its forms"
        raise _unusable("API_AUTH", shown, f"write none, bearer, header:NAME, basic:USER or oauth:CLIENT_ID ({PAGE})")
    if kind == "basic" and ":" in name:
        raise _unusable("API_AUTH", "basic:…:…", f"a password belongs into API_SECRET, not there ({PAGE})")
    if kind == "header" and not _is_header_name(name):
        raise _unusable("API_AUTH", f"header:{name}", "name a header, such as header:X-Api-Key")
    if not has_secret:
        raise _unusable("API_SECRET", "empty", f"API_AUTH is {auth}: give the secret as API_SECRET ({PAGE})")
    if kind == "oauth":
        address.base_url(token_url, "API_TOKEN_URL")
        if not token_url.lower().startswith("https://") and not address.is_loopback(token_url):
            raise _unusable("API_TOKEN_URL", token_url, "a secret is sent there: only by https")


def _unusable(name: str, value: str, way_out: str) -> Problem:
    return Problem(f"{name} cannot be used", name, value, way_out)


def _encoded(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def _is_header_name(name: str) -> bool:
    return name.isascii() and all(each.isalnum() or each in "!#$%&'*+-.^_`|~" for each in name)
