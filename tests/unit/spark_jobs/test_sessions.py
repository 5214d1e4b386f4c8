"""silver.sessions: one row per item, typed, and nothing that vanishes without a reason."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F  # noqa: N812  as in spark_jobs

from spark_jobs.lake.records import newest_delivery
from spark_jobs.silver.sessions import TABLE
from spark_jobs.silver.transforms.sessions import sessions

Rows = Callable[[Sequence[Any]], list[Row]]
START = "2020-02-07T18:05:25.824461"


def item(**changes: Any) -> dict[str, Any]:
    """The contract's example item, changed."""
    return {
        "song_id": "TRXKAGX128F9342DD7", "song_name": "3 Cards", "artist_id": "AR475MP1187B9A5449",
        "artist_name": "The Balancing Act", "price": 1.03, "currency": "USD", "liked": True,
        "liked_since": "2023-01-27T08:29:54.970697", **changes,
    }  # fmt: skip


def session(*items: Any, **changes: Any) -> dict[str, Any]:
    return {
        "session_id": "s1", "user_id": "u1", "user_agent": "Opera", "session_start_time": START,
        "session_items": list(items), **changes,
    }  # fmt: skip


@pytest.fixture
def rows(spark: SparkSession) -> Rows:
    """The refined rows of records that were landed on 2020-02-07 in one page, or of (day, file, record)."""

    def refine(landed: Sequence[Any]) -> list[Row]:
        placed = [one if isinstance(one, tuple) else ("2020-02-07", "p1", one) for one in landed]
        texts = [(day, file, n, json.dumps(record)) for n, (day, file, record) in enumerate(placed)]
        frame = spark.createDataFrame(texts, "ingest_on string, file string, position int, text string")
        frame = frame.withColumn("ingest_on", F.col("ingest_on").cast("date"))
        frame = frame.withColumn("error", F.when(~F.col("text").startswith("{"), F.lit("what was found")))
        read = F.when(F.col("text").startswith("{"), F.from_json("text", TABLE.source.record))
        deliveries = sessions(frame.withColumn("record", read).drop("text"))
        refined = newest_delivery(deliveries, TABLE.record_key, "ingest_on")
        return sorted(refined.collect(), key=lambda row: (row.position, row.item_number or 0))

    return refine


def test_item_becomes_a_typed_row_and_the_song_id_of_the_api_a_track_id(spark: SparkSession, rows: Rows) -> None:
    (row,) = rows([session(item())])

    assert row.asDict() == {
        "session_id": "s1", "item_number": 1, "user_id": "u1", "track_id": "TRXKAGX128F9342DD7",
        "song_name": "3 Cards", "artist_id": "AR475MP1187B9A5449", "artist_name": "The Balancing Act",
        "price": Decimal("1.03"), "currency": "USD", "liked": True,
        "liked_since": datetime(2023, 1, 27, 8, 29, 54, 970697), "user_agent": "Opera",
        "session_start_time": datetime(2020, 2, 7, 18, 5, 25, 824461), "ingest_on": date(2020, 2, 7),
        "file": "p1", "position": 0, "reasons": [],
    }  # fmt: skip


def test_columns_are_those_of_the_table_when_nothing_tells_their_types(spark: SparkSession) -> None:
    landed = spark.createDataFrame(
        [], f"file string, position int, ingest_on date, error string, record {TABLE.source.record}"
    )

    found = [(field.name, field.dataType) for field in sessions(landed).schema.fields]

    assert found[:-3] == [(field.name, field.dataType) for field in spark.createDataFrame([], TABLE.ddl).schema.fields]


def test_two_items_of_one_session_are_two_rows_with_numbers(rows: Rows) -> None:
    found = rows([session(item(song_id="TRA"), item(song_id="TRB"))])

    assert [(row.session_id, row.item_number, row.track_id) for row in found] == [("s1", 1, "TRA"), ("s1", 2, "TRB")]


def test_nothing_liked_and_whole_prices_keep_their_types(rows: Rows) -> None:
    found = rows([session(item(price=1, liked=False, liked_since=None), item(price=2, liked=False, liked_since=None))])

    assert [(row.price, row.liked, row.liked_since, row.reasons) for row in found] == [
        (Decimal("1.00"), False, None, []),
        (Decimal("2.00"), False, None, []),
    ]


def test_session_without_items_is_a_row_with_a_reason(rows: Rows) -> None:
    lists = [[], None, "oops", {"song_id": "TR1"}, [item(), 3]]
    found = rows([session(session_id=f"s{n}", session_items=items) for n, items in enumerate(lists)])

    no_list = "session_items is missing or no list of objects"
    assert [(row.session_id, row.item_number, row.reasons) for row in found] == [
        ("s0", None, ["the session has no items"]), *[(f"s{n}", None, [no_list]) for n in range(1, 5)],
    ]  # fmt: skip


def test_item_that_is_null_is_a_row_with_a_reason_beside_the_others(rows: Rows) -> None:
    found = rows([session(item(), None)])

    assert [(row.item_number, row.reasons) for row in found] == [(1, []), (2, ["the item is null"])]


def test_record_that_is_no_object_is_a_row_with_a_reason(rows: Rows) -> None:
    (row,) = rows(["no object"])

    assert row.reasons == ["the record cannot be read: what was found"]


def test_item_that_cannot_be_read_gives_its_value(rows: Rows) -> None:
    malformed = {
        "price has more than 2 decimals: 1.035": {"price": 1.035},
        "price has more than 2 decimals: 1.00000049": {"price": 1.00000049},
        "price is no number: dear": {"price": "dear"},
        "price is no number: null": {"price": None},
        "price is no number: 1000000000000": {"price": 10**12},
        "liked is no boolean: perhaps": {"liked": "perhaps"},
        "liked_since is no timestamp: yesterday": {"liked_since": "yesterday"},
        "liked_since is no timestamp: 2023-01-27": {"liked_since": "2023-01-27"},
        "liked_since does not go with liked: 2023-01-27T08:29:54.970697": {"liked": False},
        "liked_since does not go with liked: null": {"liked_since": None},
    }

    found = rows([session(*[item(**changes) for changes in malformed.values()], item())])

    assert [row.reasons for row in found] == [*([reason] for reason in malformed), []]


def test_session_that_cannot_be_read_gives_all_reasons(rows: Rows) -> None:
    no_time, other_day = "session_start_time is no timestamp", "session_start_time is not on the day asked for"
    malformed: list[tuple[dict[str, Any], list[str]]] = [
        ({"session_id": None}, ["session_id is missing"]),
        ({"session_start_time": "2020-13-07T00:00:00"}, [f"{no_time}: 2020-13-07T00:00:00"]),
        ({"session_start_time": 1581098725}, [f"{no_time}: 1581098725"]),
        ({"session_start_time": "2020-02-08T00:00:00"}, [f"{other_day}: 2020-02-08T00:00:00"]),
        ({"session_id": None, "session_start_time": "x" * 100}, ["session_id is missing", f"{no_time}: {'x' * 80}"]),
        ({}, []),
    ]

    found = rows([session(item(), **{"session_id": f"s{n}", **changes}) for n, (changes, _) in enumerate(malformed)])

    assert [row.reasons for row in found] == [reasons for _, reasons in malformed]


def test_last_microsecond_of_the_day_is_on_the_day(rows: Rows) -> None:
    (row,) = rows([session(item(), session_start_time="2020-02-07T23:59:59.999999")])

    assert (row.session_start_time, row.reasons) == (datetime(2020, 2, 7, 23, 59, 59, 999999), [])


def test_timestamps_without_zone_are_utc_and_zones_are_heeded(rows: Rows) -> None:
    naive, zoned = rows(
        [
            session(item(), session_start_time="2020-02-07T00:30:00"),
            session(item(), session_id="s2", session_start_time="2020-02-06T23:30:00-01:00"),
        ]
    )

    assert naive.session_start_time == zoned.session_start_time == datetime(2020, 2, 7, 0, 30)
    assert naive.session_start_time.replace(tzinfo=UTC).timestamp() == 1581035400


def test_added_dropped_and_retyped_fields_do_not_move_the_others(rows: Rows) -> None:
    dropped = session(item(price="1.03", new={"a": [1]}), extra=[1, {"b": 2}])
    del dropped["user_agent"]
    del dropped["session_items"][0]["currency"]

    (row,) = rows([dropped])

    assert (row.user_agent, row.currency, row.price, row.track_id, row.reasons) == (
        None, None, Decimal("1.03"), "TRXKAGX128F9342DD7", [],
    )  # fmt: skip


NEWEST = session(item(song_id="TRB"), user_agent="newest")
OLDER = session(item(song_id="TRA"), item(song_id="TRC"), user_agent="older")


@pytest.mark.parametrize(
    "landed",
    [
        [("2020-02-07", "p1", OLDER), ("2020-02-07", "p2", NEWEST)],
        [("2020-02-07", "p2", NEWEST), ("2020-02-07", "p1", OLDER)],
        [("2020-02-07", "p1", OLDER), ("2020-02-07", "p1", NEWEST)],
    ],
    ids=["later page", "later page first", "later position"],
)
def test_newest_delivery_of_a_session_wins_with_all_its_items(landed: list[Any], rows: Rows) -> None:
    assert [(row.user_agent, row.item_number, row.track_id) for row in rows(landed)] == [("newest", 1, "TRB")]


def test_sessions_without_an_id_are_all_kept(rows: Rows) -> None:
    nameless = session(item(), session_id=None)

    assert [row.reasons for row in rows([nameless, nameless])] == [["session_id is missing"]] * 2


def test_session_of_50_000_items_is_opened_in_order(rows: Rows) -> None:
    found = rows([session(*[item(song_id=f"TR{n}") for n in range(50_000)])])

    assert [(row.item_number, row.track_id) for row in found] == [(n + 1, f"TR{n}") for n in range(50_000)]
