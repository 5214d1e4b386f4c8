"""Content codings: what is undone, and what a hostile or broken body may cost."""

import gzip
import http.client
import zlib

import pytest

from spark_jobs.problem import Problem
from spark_jobs.sources.content_coding import content

TEXT = b'[{"user_id": "u1"}]' * 50
RAW = zlib.compressobj(wbits=-15)
RAW_DEFLATE = RAW.compress(TEXT) + RAW.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (None, TEXT),
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT)),
        ("X-GZip", gzip.compress(TEXT)),
        ("gzip", gzip.compress(TEXT[:10]) + gzip.compress(TEXT[10:])),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", RAW_DEFLATE),
        ("deflate, gzip", gzip.compress(zlib.compress(TEXT))),
        ("identity , gzip", gzip.compress(TEXT)),
        ("gzip", b""),
    ],
)
def test_content_comes_out_as_it_went_in(coding: str | None, body: bytes) -> None:
    assert content("http://api", body, coding, len(TEXT)) == (TEXT if body else b"")


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, br", "compress", "gzip, gzip, gzip, gzip", "*"])
def test_coding_that_is_not_undone_is_refused(coding: str) -> None:
    with pytest.raises(Problem, match="Value: Content-Encoding: " + coding.replace("*", r"\*")):
        content("http://api", b"anything", coding, 1000)


@pytest.mark.parametrize("body", [gzip.compress(b"[" * 50_000_000), gzip.compress(TEXT) * 2])
def test_bomb_is_stopped_at_the_bound(body: bytes) -> None:
    with pytest.raises(Problem, match=r"larger than allowed.*http://api.*more than 1000 bytes, gzip undone"):
        content("http://api", body, "gzip", 1000)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(TEXT)[:-3]),
        ("gzip", gzip.compress(TEXT)[:-8] + b"\0" * 8),
        ("gzip", TEXT),
        ("gzip", gzip.compress(TEXT) + b"more"),
        ("deflate", zlib.compress(TEXT)[:-2]),
        ("deflate", TEXT),
    ],
)
def test_damaged_body_is_no_content(coding: str, body: bytes) -> None:
    with pytest.raises(http.client.HTTPException, match=f"the body is no whole {coding}: "):
        content("http://api", body, coding, 10_000)
