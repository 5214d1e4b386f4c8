"""Records: a page that Spark's JSON reader would refuse gives the same rows as a good one."""

import json
from datetime import date

import pytest
from pyspark.sql import SparkSession

from spark_jobs import pages
from spark_jobs.lake.landing import Landing, Manifest
from spark_jobs.lake.records import api_records, raw_records
from spark_jobs.silver.users import LANDED

DAY = date(2020, 2, 29)
USERS = [
    {"user_id": "u1", "user_name": "Zoë \"Ζ\" O'Hara, [x]", "user_location": ["1.50", "2", "Łódź"], "n": [{"a": 1}]},
    {"user_id": 2, "user_name": None, "user_since": "2020-02-29T00:00:00"},
]  # fmt: skip
GOOD = ",\n".join(json.dumps(user, ensure_ascii=False) for user in USERS)


def landed(uri: str, *texts: str) -> tuple[Landing, list[Manifest]]:
    landing, files = Landing(uri, "api", "users"), []
    for number, text in enumerate(texts, 1):
        count = pages.count(text, "user_id")
        files.append(landing.write(DAY, number, text.encode(), count.records, count.unreadable))
    landing.commit(Manifest("users", str(DAY), {}, "", "", "", files))
    return landing, landing.manifests([DAY])


@pytest.fixture
def rows(spark: SparkSession, uri: str):  # type: ignore[no-untyped-def]
    """file, position, the record as a dict (or None) and its text, of pages landed in one delivery."""

    def read(*texts: str) -> list[tuple[str, int, object, str]]:
        landing, manifests = landed(uri, *texts)
        records = api_records(spark, landing, manifests, LANDED).orderBy("file", "position").collect()
        raw = raw_records(spark, landing, manifests, {row.file for row in records}).collect()
        text_of = {(row.file, row.position): row.raw for row in raw}
        return [
            (row.file, row.position, row.record and row.record.asDict(), text_of.pop((row.file, row.position)))
            for row in records
        ]

    return read


def test_broken_page_gives_what_the_whole_page_gives_and_the_broken_text(rows) -> None:
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
    landing, manifests = landed(uri, '[{"user_id": "u1"}]')
    landing.write(DAY, 2, b'[{"user_id": "u2"}]', 1, 0)

    found = api_records(spark, landing, manifests, LANDED).collect()

    assert [(row.record.user_id, row.ingest_on) for row in found] == [("u1", DAY)]
