"""Content codings of an HTTP answer (RFC 9110, 8.4.1), undone: some servers compress what nobody asked them to."""

import http.client
import zlib

from spark_jobs.problem import Problem

NONE, GZIP, DEFLATE = {"", "identity"}, {"gzip", "x-gzip"}, {"deflate"}
MOST_CODINGS = 3
ZLIB, RAW, GZIP_MEMBER = 15, -15, 31  # zlib's wbits


def content(url: str, body: bytes, content_encoding: str | None, most_bytes: int) -> bytes:
    """The content of the body that `url` gave. Never holds more than `most_bytes` of it, however small the body is.

    Raises Problem for a coding that is not undone here and for content over the bound, and http.client.HTTPException
    for a damaged or cut body, which may be whole the next time.
    """
    codings = [coding.strip().lower() for coding in (content_encoding or "").split(",")]
    codings = [coding for coding in codings if coding not in NONE]
    unknown = [coding for coding in codings if coding not in GZIP | DEFLATE]
    if unknown or len(codings) > MOST_CODINGS:
        raise Problem(
            "A page of the API is compressed in a way that is not read here",
            url,
            f"Content-Encoding: {content_encoding}",
            "let the server send it as it is (identity), in gzip or in deflate",
        )
    for coding in reversed(codings):  # they stand in the order in which they were applied
        try:
            body = _inflated(body, GZIP_MEMBER if coding in GZIP else _deflate_format(body), most_bytes)
        except _TooLargeError as error:
            raise Problem(
                "A page of the API is larger than allowed",
                url,
                f"{error}, {coding} undone",
                "let the API give fewer records a page, or raise --max-page-bytes",
            ) from error
        except (zlib.error, EOFError) as error:
            raise http.client.HTTPException(f"the body is no whole {coding}: {error}") from error
    return body


class _TooLargeError(ValueError):
    """The content is larger than allowed."""


def _deflate_format(body: bytes) -> int:
    """Some servers send deflate without the zlib format around it that the RFC asks for."""
    is_zlib = len(body) >= 2 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    return ZLIB if is_zlib else RAW


def _inflated(body: bytes, wbits: int, most_bytes: int) -> bytes:
    found, rest = bytearray(), body
    while rest:
        stream = zlib.decompressobj(wbits)
        found += stream.decompress(rest, most_bytes + 1 - len(found))
        if len(found) > most_bytes:
            raise _TooLargeError(f"more than {most_bytes} bytes")
        if not stream.eof:
            raise EOFError("the compressed body ends before its end")
        rest = stream.unused_data if wbits == GZIP_MEMBER else b""
    return bytes(found)
