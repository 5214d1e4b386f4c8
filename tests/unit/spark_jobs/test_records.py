"""Records: a malformed page gives the same rows as a valid one, and no text is one record here and another there."""

import json
from datetime import date

import pytest
from pyspark.sql import SparkSession

from spark_jobs import pages
from spark_jobs.lake.landing import Landing, Manifest
from spark_jobs.lake.records import api_records, raw_records
from spark_jobs.silver import TABLES

USERS_ENDPOINT = TABLES["users"].source
DAY = date(2020, 2, 29)
USERS = [
    {"user_id": "u1", "user_name": "Zoë \"Ζ\" O'Hara, [x]", "user_location": ["1.50", "2", "Łódź"], "n": [{"a": 1}]},
    {"user_id": 2, "user_name": None, "user_since": "2020-02-29T00:00:00"},
]  # fmt: skip
GOOD = ",\n".join(json.dumps(user, ensure_ascii=False) for user in USERS)


def landed(uri: str, *texts: bytes) -> tuple[Landing, list[Manifest]]:
    landing, files = Landing(uri, "api", "users"), []
    for number, text in enumerate(texts, 1):
        count = pages.count(text, "user_id")
        figures = count.records, count.unreadable, count.is_malformed
        files.append(landing.write(DAY, number, text, *figures))
    landing.commit(Manifest("users", str(DAY), {}, "", "", "", files))
    return landing, landing.manifests([DAY])


@pytest.fixture
def rows(spark: SparkSession, uri: str):  # type: ignore[no-untyped-def]
    """file, position, the record as a dict (or None) and its text, of pages landed in one delivery."""

    def read(*texts: str | bytes) -> list[tuple[str, int, object, str]]:
        landing, manifests = landed(uri, *(text.encode() if isinstance(text, str) else text for text in texts))
        records = api_records(spark, landing, manifests, USERS_ENDPOINT).orderBy("file", "position").collect()
        raw = raw_records(spark, landing, manifests, USERS_ENDPOINT, {row.file for row in records}).collect()
        text_of = {(row.file, row.position): row.raw for row in raw}
        return [
            (row.file, row.position, row.record and row.record.asDict(), text_of.pop((row.file, row.position)))
            for row in records
        ]

    return read


def test_malformed_page_gives_what_the_valid_page_gives_and_the_broken_text(rows) -> None:
    whole = rows(f"[{GOOD}]")
    mixed = rows(f'[{GOOD}, 42, {{"user_id": "u3", "user_name": oops}}]')

    assert [record for _, _, record, _ in mixed[:2]] == [record for _, _, record, _ in whole]
    assert whole[0][2] == {
        "user_id": "u1", "user_name": "Zoë \"Ζ\" O'Hara, [x]", "user_lastname": None,
        "user_location": ["1.50", "2", "Łódź"], "user_since": None,
    }  # fmt: skip
    assert whole[1][2] == {
        "user_id": "2", "user_name": None, "user_lastname": None, "user_location": None,
        "user_since": "2020-02-29T00:00:00",
    }  # fmt: skip
    assert [(record, raw) for _, _, record, raw in mixed[2:]] == [
        (None, "42"),
        (None, '{"user_id": "u3", "user_name": oops}'),
    ]
    assert [json.loads(raw) for _, _, _, raw in whole] == USERS


def test_rows_say_the_day_and_the_file_they_come_from(rows) -> None:
    found = rows('[{"user_id": "u1"}]', "[]", '[{"user_id": oops}]')

    assert [file.split("-", 4)[:4] for file, _, _, _ in found] == [
        ["2020", "02", "29/page", "00001"],
        ["2020", "02", "29/page", "00003"],
    ]
    assert [position for _, position, _, _ in found] == [0, 0]


def test_text_of_ten_million_characters_is_read(rows) -> None:
    ((_, _, record, _),) = rows(json.dumps([{"user_id": "u1", "user_name": "x" * 10_000_000}]))

    assert record["user_name"] == "x" * 10_000_000


def test_file_that_no_manifest_lists_is_not_read(spark: SparkSession, uri: str) -> None:
    landing, manifests = landed(uri, b'[{"user_id": "u1"}]')
    landing.write(DAY, 2, b'[{"user_id": "u2"}]', 1, 0)

    found = api_records(spark, landing, manifests, USERS_ENDPOINT).collect()

    assert [(row.record.user_id, row.ingest_on) for row in found] == [("u1", DAY)]


NESTED_100 = "[" * 99 + "]" * 99  # with the record itself
TEN_DIGITS = "1234567890"
ACCEPTED = {
    "numbers": '"n": [0, -0, -1, 1.5, 1e0, 1E+2, 1.7e308, 5e-324, 1e-400]',
    "longest number": f'"n": {TEN_DIGITS * 40}, "user_name": {TEN_DIGITS * 40}',
    "longest fraction": f'"n": 0.{TEN_DIGITS * 39}',
    "deepest nesting": f'"n": {NESTED_100}',
    "deepest nesting as text": f'"user_name": {NESTED_100}',
    "long key": f'"{"k" * 60_000}": 1',
    "empty key": '"": 1',
    "many keys": ", ".join(f'"key{n}": {n}' for n in range(3000)),
    "escapes": r'"user_name": "\" \\ \/ \b \f \n \r \t \u00e9 \u0000 \ud83d\ude00"',
    "unescaped": '"user_name": "\x7f \u0085 \u00a0 \u2028 \ufeff \uffff 😀"',
    "types": '"user_name": {"a": [1]}, "user_since": false, "user_location": "no list"',
    "other types": '"user_name": [null], "user_since": 12, "user_location": [1.50, true, null, {"a": 1}, "x"]',
    "no key": '"user_location": {"0": 1}',
}
REFUSED = {
    "long number": f'"n": {TEN_DIGITS * 40}1',
    "number past Spark's reader": f'"n": {"1" * 1500}',
    "number past Python's": f'"n": {"1" * 5000}',
    "long fraction": f'"n": 0.{TEN_DIGITS * 40}',
    "too large for a double": '"n": 1e400',
    "exponent": '"n": 1e99999999999999999999',
    "deep nesting": f'"n": [{NESTED_100}]',
    "nesting past both": f'"n": {"[" * 1200 + "]" * 1200}',
    "objects past both": '"n": ' + '{"n":' * 1200 + "1" + "}" * 1200,
    "NaN": '"n": NaN', "Infinity": '"n": Infinity', "-Infinity": '"n": -Infinity', "+INF": '"n": +INF',
    "+1": '"n": +1', "01": '"n": 01', "1.": '"n": 1.', ".5": '"n": .5', "1e": '"n": 1e', "0x1": '"n": 0x1',
    "True": '"n": True', "undefined": '"n": undefined', "single quotes": "'n': 1", "single quoted": "\"n\": 'x'",
    "no quotes": "n: 1", "comment": '"n": /* one */ 1', "line comment": '"n": 1 // one\n', "comma": '"n": 1,',
    "two commas": '"n": 1,, "m": 2', "no comma": '"n": 1 "m": 2', "no colon": '"n" 1', "no value": '"n":',
    "tab": '"n": "\t"', "line": '"n": "a\nb"', "NUL": '"n": "\0"',
    "bad escape": r'"n": "\x41"', "bad \\u": r'"n": "\u12"',
    "no-break space": '"n":\u00a01', "next line": '"n":\u00851', "form feed": '"n":\f1',
    "byte order mark": '"n":\ufeff1',
    "high surrogate": r'"n": "\ud83d"', "low surrogate": r'"n": "\ude00"', "reversed pair": r'"n": "\ude00\ud83d"',
    "surrogate in a key": r'"\ud83d": 1', "the same key twice": '"n": 1, "n": 2',
    "key twice inside": '"n": [{"a": 1, "a": 1}]',
    "key twice by an escape": r'"n": 1, "\u006e": 2',
    "latin-1": b'"n": "Caf\xe9"', "overlong": b'"n": "\xc0\xaf"', "surrogate byte by byte": b'"n": "\xed\xa0\xbd"',
    "cut character": b'"n": "\xe2\x82"', "past Unicode": b'"n": "\xf4\x90\x80\x80"',
    "long text": f'"n": "{"x" * (16 << 20)}"',
}  # fmt: skip


def record(number: int, members: str | bytes = b"") -> bytes:
    more = members.encode() if isinstance(members, str) else members
    return b'{"user_id": "u%d"%s%s}' % (number, b", " if more else b"", more)


def test_spark_reads_what_landing_accepts_and_is_not_handed_what_landing_refuses(rows) -> None:
    accepted = [record(number, members) for number, members in enumerate(ACCEPTED.values())]
    refused = [record(number, members) for number, members in enumerate(REFUSED.values())]
    apart, together = [b"[" + each + b"]" for each in accepted], b"[" + b",".join(accepted) + b"]"
    mixed = b"[" + b",".join(accepted + refused) + b"]"
    assert {name: pages.count(page, "user_id") for name, page in zip(ACCEPTED, apart, strict=True)} == {
        name: pages.Count(1, 0, (f"u{number}",)) for number, name in enumerate(ACCEPTED)
    }
    assert pages.count(mixed, "user_id").unreadable == len(refused)

    found = rows(*apart, together, mixed)

    valid = [read for _, _, read, _ in found[: len(accepted)]]
    assert [read["user_id"] for read in valid] == [f"u{number}" for number in range(len(accepted))]
    assert [read for _, _, read, _ in found[len(accepted) :]] == [*valid, *valid, *[None] * len(refused)]
    raw = [text for _, _, _, text in found[-len(refused) :]]
    shown = dict(zip(REFUSED, raw, strict=True))
    assert shown["latin-1"].endswith(r'"n": "Caf\xe9"}')
    assert len(shown.pop("long text")) < (1 << 20) + 100
    assert [text.encode("latin-1", "replace")[:12] for text in shown.values()] == [each[:12] for each in refused[:-1]]


@pytest.mark.parametrize("around", ["\ufeff%s", "\u00a0%s\u2028", "%s\n\u0085"])
def test_marks_and_blanks_around_a_page_cost_no_record(rows, around: str) -> None:
    assert [read["user_id"] for _, _, read, _ in rows(around % '[{"user_id": "u1"}, {"user_id": "u2"}]')] == [
        "u1",
        "u2",
    ]


def test_pages_of_an_older_manifest_are_cut_record_by_record(spark: SparkSession, uri: str) -> None:
    landing = Landing(uri, "api", "users")
    file = landing.write(DAY, 1, b'[{"user_id": "u1"}, {"user_id": NaN}]', 2, 0)
    landing.commit(Manifest("users", str(DAY), {}, "", "", "", [file]))

    found = api_records(spark, landing, landing.manifests([DAY]), USERS_ENDPOINT).orderBy("position").collect()

    assert [(row.record and row.record.user_id, row.error) for row in found] == [
        ("u1", None),
        (None, "no JSON number: NaN"),
    ]
