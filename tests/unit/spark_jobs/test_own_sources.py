"""docs/your-own-sources.md, tried on an API that nobody here wrote: with and without pages, counts and credentials."""

import json
from base64 import b64encode
from datetime import date
from email.message import Message

import pytest

from spark_jobs import main
from spark_jobs.lake.landing import Landing
from spark_jobs.window import Window
from tests.unit.spark_jobs.foreign_api import ForeignApi, Headers, served

DAYS = [date(2020, 1, day) for day in range(1, 4)]
WINDOW = Window(DAYS[0], DAYS[-1])
PASSWORD = f"Basic {b64encode(b'shop:s3cret').decode()}"


def _summary(url: str, uri: str, *more: str) -> dict[str, object]:
    window = ("--from", str(WINDOW.first), "--to", str(WINDOW.last))
    options = ("--landing-uri", uri, "--api-url", url, "--api-auth", "basic:shop", *more)
    return main.run(["land", "--table", "sessions", *window, *options], lambda: pytest.fail("no session is needed"))


@pytest.mark.parametrize("wants_password", [False, True], ids=["open", "with credentials"])
@pytest.mark.parametrize("path", ["", "/shop/v1/"])
@pytest.mark.parametrize(
    ("ways", "proofs"),
    [
        ({}, {"longer answer"}),
        ({"page": 7}, {"links"}),
        ({"page": 10}, {"days at once"}),
        ({"does_heed_limit": True}, {"longer answer"}),
        ({"page": 7, "count": lambda total: [("X-Total-Count", str(total))]}, {"count"}),
    ],
    ids=["no pages", "pages", "full pages", "pages by limit", "pages and a count"],
)
def test_every_way_of_the_page_lands_all_records(
    ways: dict[str, object],
    proofs: set[str],
    path: str,
    wants_password: bool,
    uri: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refusal(headers: Message) -> tuple[int, Headers, str] | None:
        return (401, [], "") if wants_password and headers.get("Authorization") != PASSWORD else None

    monkeypatch.setenv("API_SECRET", "s3cret")
    with served(ForeignApi(dict.fromkeys(DAYS, 40), refusal=refusal, **ways)) as api:  # type: ignore[arg-type]
        summary = _summary(f"{api.url}{path}", uri)

    assert summary | {"seconds": 0, "bytes": 0, "files": 0} == {
        "verb": "land", "table": "sessions", "from": "2020-01-01", "to": "2020-01-03", "seconds": 0, "bytes": 0,
        "files": 0, "days": 3, "landed_records": 120, "is_changed": True, "unproven": 0,
    }  # fmt: skip
    manifests = Landing(uri, "api", "sessions").manifests(WINDOW.days())
    assert {manifest.proof for manifest in manifests} == proofs
    assert [manifest.request for manifest in manifests] == [
        f"{api.url}{path.rstrip('/')}/sessions?start_date={day}&end_date={day}&limit=1000" for day in DAYS
    ]


def test_no_secret_is_in_what_a_landing_leaves(uri: str, tmp_path, capfd, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("API_SECRET", "s3cret")
    for refusal in (lambda headers: None, lambda headers: (403, [], str(headers.items()))):
        with served(ForeignApi(dict.fromkeys(DAYS, 4), refusal=refusal)) as api:  # type: ignore[arg-type]
            summary = _summary(api.url, uri)
        assert "s3cret" not in json.dumps(summary)
        assert PASSWORD not in json.dumps(summary)
    assert "problem" in summary
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert left
    assert [path for path in left if b"s3cret" in path.read_bytes()] == []
    assert "s3cret" not in "".join(capfd.readouterr())


def test_address_with_a_password_stops_before_any_request(uri: str) -> None:
    with served(ForeignApi(dict.fromkeys(DAYS, 4))) as api:
        summary = _summary(api.url.replace("//", "//user:hunter2@"), uri, "--api-auth", "none")
    assert api.requests == []
    assert "hunter2" not in json.dumps(summary)
    assert "API_AUTH to basic:USER" in json.dumps(summary)
