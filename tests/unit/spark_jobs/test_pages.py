"""Pages: one broken record must not take the others with it, and no text may be lost."""

import json

import pytest

from spark_jobs import page_cutter, pages
from spark_jobs.pages import Count, PageError

GOOD_1 = '{"session_id": "s1", "session_items": [{"song_id": "TR1"}]}'
GOOD_2 = '{"session_id": "s2", "note": "a ] and a [ and a \\" in text"}'


def page(*pieces: str) -> str:
    return "[" + ",\n".join(pieces) + "]"


def count(text: str, key: str) -> Count:
    return pages.count(text.encode(), key)


def records(text: str, key: str) -> list[str]:
    return [record.text for record in pages.records(text.encode(), key)]


def errors(text: str, key: str) -> list[str | None]:
    return [record.error for record in pages.records(text.encode(), key)]


def test_records_are_cut_as_they_stand_in_a_good_page() -> None:
    assert records(page(GOOD_1, GOOD_2), "session_id") == [GOOD_1, GOOD_2]


@pytest.mark.parametrize(
    "broken",
    [
        '{"session_id": "s9", "price": 1.0.3}',
        '{"session_id": "s9", "user_agent": "a quote " too many"}',
        '{"session_id": "s9", "user_agent": "never closed}',
        '{"session_id": "s9", "session_items": [{"song_id": "TR9"}]',
        '{"session_id": "s9", "n": {"a": 1}}, "user_agent": "x"}',
        '{"session_id": "s9"}}',
        '{"session_id": "s9" "user_agent": "x"}',
        '{"session_id": "s9", "n": [1}',
        '{"session_id": "s9"};',
        "{'session_id': undefined}",
        "oops",
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_records_around_a_broken_one_survive(broken: str, place: int) -> None:
    pieces = [GOOD_1, GOOD_2]
    pieces.insert(place, broken)

    found = records(page(*pieces), "session_id")

    assert found == pieces
    assert count(page(*pieces), "session_id") == Count(3, 1, ("s1", "s2"), is_malformed=True)


def test_item_of_a_broken_session_is_not_taken_for_a_session() -> None:
    broken = '{"session_id": oops, "session_items": [{"song_id": "TR9"}, {"song_id": "TR8"}]}'

    assert records(page(broken, GOOD_1), "session_id") == [broken, GOOD_1]


def test_elements_that_are_no_objects_are_counted_as_unreadable() -> None:
    assert count('[{"user_id": "u"}, 42, "text", null, ["user_id"]]', "user_id") == Count(5, 4, ("u",), True)


def test_empty_page_has_no_records() -> None:
    assert count(" [ ] ", "user_id") == Count(0, 0)
    assert records("[]", "user_id") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "\ufeff <html><body>Bad gateway in the middle of it</body></html>",
            "starts with '<html><body>Bad gateway in the middle of', not with an array",
        ),
        ("", "starts with '', not with an array"),
        (page(GOOD_1, GOOD_2)[:-20], f"ends with {page(GOOD_1, GOOD_2)[-60:-20]!r}: the array is not closed"),
        (page(GOOD_2, GOOD_1)[:-2], f"ends with {page(GOOD_2, GOOD_1)[-42:-2]!r}: the array is not closed"),
        ("[1, [2]", "ends with '[1, [2]': the array is not closed"),
        ("[1, [[2]", "ends with '[1, [[2]': the array is not closed"),
        ('[{"a": [2]', "ends with '[{\"a\": [2]': the array is not closed"),
        (
            GOOD_1 + "\n" + GOOD_2,
            f"starts with {GOOD_1[:40]!r}, not with an array (one record a line is no array)",
        ),
        ('{"detail": "no"}', "a JSON dict, not an array"),
        ("null", "a JSON NoneType, not an array"),
    ],
)
def test_text_that_is_no_whole_array_is_refused(text: str, message: str) -> None:
    with pytest.raises(PageError) as refused:
        count(text, "session_id")

    assert str(refused.value) == message


def test_text_in_another_encoding_is_refused_with_what_can_be_read_of_it() -> None:
    with pytest.raises(PageError) as refused:
        pages.count(b"\xe9tat", "session_id")

    assert str(refused.value) == "starts with '\ufffdtat', not with an array"


@pytest.mark.parametrize(
    "broken",
    [
        '{"session_id": "s9, "session_items": [{"song_id": "TR9"}, {"song_id": "TR8"}, {"song_id": "TR7"}]}',
        '{"session_id": "s9, "session_items": [{"song_id": "TR9"}, {"song_id": "TR8"}, 1, {"song_id": "TR7"}]}',
        '{"session_id": "s9, "session_items": [{"song_id": "TR9"}, {"song_id": "TR8", "liked": }]}',
    ],
)
def test_items_of_a_session_with_a_stray_quote_are_not_taken_for_sessions(broken: str) -> None:
    for pieces in ([broken, GOOD_1, GOOD_2], [GOOD_1, broken, GOOD_2], [GOOD_1, broken, broken, GOOD_2]):
        assert records(page(*pieces), "session_id") == pieces


def test_session_with_a_stray_quote_at_the_end_of_a_page_is_one_piece() -> None:
    broken = '{"session_id": "s9, "session_items": [{"song_id": "TR9"}, {"song_id": "TR8"}, {"song_id": "TR7"}]}'

    assert records(page(GOOD_1, broken), "session_id") == [GOOD_1, broken]


def test_large_page_with_broken_records_is_cut_in_full() -> None:
    pieces = [json.dumps({"user_id": f"u{n}", "text": "x" * 100}) for n in range(20_000)]
    pieces[::1000] = ['{"user_id": "broken' for _ in pieces[::1000]]

    found = count(page(*pieces), "user_id")

    assert (found.records, found.unreadable, len(found.keys)) == (20_000, 20, 19_980)


def test_long_broken_record_with_many_braces_is_one_piece() -> None:
    broken = '{"session_id": oops, "session_items": [' + "{" * 3000 + "]}"

    assert records(page(GOOD_1, broken, GOOD_2), "session_id") == [GOOD_1, broken, GOOD_2]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_page_that_is_no_utf_8_is_refused(encoding: str) -> None:
    with pytest.raises(PageError, match="is no UTF-8"):
        pages.count(page(GOOD_1).encode(encoding), "session_id")


@pytest.mark.parametrize("between", ["", "\n", " \t", "\u00a0", "\ufeff", ",,", ",\u2028,"])
@pytest.mark.parametrize("end", ["", ",", ",\n,\u00a0"])
def test_what_stands_between_records_costs_none_of_them(between: str, end: str) -> None:
    text = f"[{end}{GOOD_1}{between}{GOOD_2}{between}{GOOD_1}{end}]"

    assert records(text, "session_id") == [GOOD_1, GOOD_2, GOOD_1]
    assert count(text, "session_id") == Count(3, 0, ("s1", "s2", "s1"), is_malformed=True)


def test_broken_records_side_by_side_are_counted_one_by_one() -> None:
    cut, nan = '{"session_id": "s8", "user_agent": "never closed}', '{"session_id": "s9", "n": NaN}'

    assert records(page(cut, nan, cut, cut, GOOD_1), "session_id") == [cut, nan, cut, cut, GOOD_1]


def test_nested_object_with_the_key_is_not_taken_for_a_record() -> None:
    users = [
        '{"user_id": oops, "invited_by": {"user_id": "u7"}}',
        '{"user_id": "u8, "invited_by": {"user_id": "u7"}, "invited": [{"user_id": "u6"}]}',
    ]

    assert records(page(*users, '{"user_id": "u9"}'), "user_id") == [*users, '{"user_id": "u9"}']


def test_rejected_record_says_what_is_wrong_and_where() -> None:
    longer = "abcdefghijklmnopqrstuvwxyz"
    wrong = [
        '{"session_id": "s1", "n": 1.0.3}',
        "42",
        '{"session_id": "s\ts"}',
        f'"{longer}"',
        f'{{"session_id": {longer}}}',
        f'{{"session_id": "s1"}}}}{longer}',
    ]

    assert errors(page(*wrong), "session_id") == [
        "Expecting ',' delimiter at character 30: '.3}'",
        "a JSON value that is no object: '42'",
        "Invalid control character at character 18: '\\ts\"}'",
        "a JSON value that is no object: '\"abcdefghijklmnopqrs'",
        "Expecting value at character 16: 'abcdefghijklmnopqrst'",
        "more text after the record: '}abcdefghijklmnopqrs'",
    ]


@pytest.mark.parametrize(
    ("members", "error"),
    [
        (b'"n": ' + b"1" * 401, f"a number longer than 400 characters: {'1' * 20}…"),
        (b'"n": 0.' + b"1" * 399, f"a number longer than 400 characters: 0.{'1' * 18}…"),
        (b'"n": -1.23456789012345678901e400', "a number beyond what a double can hold: -1.23456789012345678"),
        (b'"n": NaN', "no JSON number: NaN"),
        (b'"m": 1, "n": 1, "m": 2', "a key stands twice in an object: 'm'"),
        (b'"%s": 1, "%s": 2' % (b"k" * 100, b"k" * 100), f"a key stands twice in an object: '{'k' * 80}'"),
        (b'"n": ' + b"[" * 100 + b"]" * 100, "nested deeper than 100"),
        (b'"n": ' + b'{"n": ' * 100 + b"1" + b"}" * 100, "nested deeper than 100"),
        (b'"n": ' + b"[" * 2000 + b"]" * 2000, "nested deeper than 100"),
        (b'"n": "\\ud83d"', "half of a surrogate pair, which no text can hold"),
        (b'"n": "\xe9"', "byte 25 is no UTF-8: 0xe9"),
    ],
)
def test_record_beyond_a_limit_says_which_one(members: bytes, error: str) -> None:
    record = b'{"user_id": "u1", %s}' % members

    (found,) = pages.records(b"[" + record + b"]", "user_id")

    assert found == pages.Record(record.decode("utf-8", "backslashreplace"), error)
    assert pages.count(b"[" + record + b"]", "user_id") == Count(1, 1, (), is_malformed=True)


@pytest.mark.parametrize(
    "members",
    [
        '"n": ' + "1" * 400,
        '"n": 0.' + "1" * 398,
        '"n": 1.7e308',
        '"n": ' + "[" * 99 + "]" * 99,
        '"n": ' + "[" * 99 + "]" * 99 + ', "m": [{}]',
        '"n": "' + "[" * 101 + '"',
        '"n": [' + ", ".join(["[]"] * 101) + "]",
        r'"n": "\ud83d\ude00"',
    ],
)
def test_record_at_a_limit_is_valid(members: str) -> None:
    text = f'[{{"user_id": "u1", {members}}}]'

    assert count(text, "user_id") == Count(1, 0, ("u1",), is_malformed=False)
    assert errors(text, "user_id") == [None]


def test_longest_record_is_valid_and_one_character_more_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    longest = '{"user_id": "%s"}' % ("é" * 20)
    monkeypatch.setattr(pages, "MAX_RECORD", len(longest))
    longer = longest.replace("é", "éé", 1)

    assert count(page(longest, longest), "user_id") == Count(2, 0, ("é" * 20,) * 2, is_malformed=False)
    assert errors(page(longest, longer), "user_id") == [None, "longer than 35 characters: 36"]


def test_page_of_more_records_than_a_valid_one_has_loses_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_RECORDS", 2)

    assert count(page(GOOD_1, GOOD_2), "session_id") == Count(2, 0, ("s1", "s2"), is_malformed=False)
    assert count(page(GOOD_1, GOOD_2, GOOD_1), "session_id") == Count(3, 0, ("s1", "s2", "s1"), is_malformed=True)


def test_long_rejected_record_is_shown_shortened_with_what_was_left_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_REJECTED", 10)

    assert records(page("oops-oops-", "oops-oops-1", "oops-oops-oops", GOOD_1), "session_id") == [
        "oops-oops-",
        "oops-oops-… and 1 characters more, which landing has",
        "oops-oops-… and 4 characters more, which landing has",
        GOOD_1,
    ]


def test_key_of_a_record_is_its_text_and_null_is_no_key() -> None:
    valid = '{"user_id": 7}', '{"user_id": null}', '{"user_id": null}', '{"name": "x"}', '{"user_id": ""}'

    assert count(page(*valid), "user_id") == Count(5, 0, ("7", ""), is_malformed=False)
    assert count(page(*valid, "oops"), "user_id") == Count(6, 1, ("7", ""), is_malformed=True)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The work that cutting takes, act by act."""
    acts, done = list[int](), page_cutter._Cutter._done

    def counted(self: page_cutter._Cutter, of_this: int) -> None:
        acts.append(of_this)
        done(self, of_this)

    monkeypatch.setattr(page_cutter._Cutter, "_done", counted)
    return acts


@pytest.mark.parametrize("stretch", [1 << 20, 400])
def test_records_that_the_json_reader_knows_are_cut_without_a_second_look(
    stretch: int, work: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_cutter, "STRETCH", stretch)
    pieces = [GOOD_1, GOOD_2] * 50

    assert records(page(*pieces), "session_id") == pieces
    assert work == [page_cutter.TRY + page_cutter.READ_BYTE * len(piece) for piece in pieces]


def test_piece_that_the_json_reader_does_not_know_costs_its_bytes_and_tokens(work: list[int]) -> None:
    broken = '{"n": oops}'

    assert records(page(broken, broken), "n") == [broken, broken]
    failed, try_, tokens = page_cutter.FAILED_TRY, page_cutter.TRY, page_cutter.TOKEN
    assert work == [failed, try_ + len(broken) + 6 * tokens, failed, try_ + len(broken) + 5 * tokens]  # and the comma


def test_next_record_after_a_stray_quote_costs_the_bytes_up_to_it(work: list[int]) -> None:
    broken = '{"session_id": "s9, "note": 1}'

    assert records(page(broken, GOOD_1), "session_id") == [broken, GOOD_1]
    assert work[2] == page_cutter.TOKEN + len(broken) + len(",\n") - 1


def test_work_on_a_page_may_take_all_that_it_may_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = '{"n": oops}'
    needed = 2 * page_cutter.FAILED_TRY + 2 * (page_cutter.TRY + len(broken)) + 11 * page_cutter.TOKEN
    monkeypatch.setattr(page_cutter, "MAX_WORK", needed)
    assert records(page(broken, broken), "n") == [broken, broken]

    monkeypatch.setattr(page_cutter, "MAX_WORK", needed - 1)
    assert errors(page(broken, broken), "n") == [
        "Expecting value at character 7: 'oops}'",
        f"the rest of the page, {len(broken)} bytes, has no records that can be told apart",
    ]


@pytest.mark.parametrize(
    "hostile",
    [
        "[" * 4_000_000,
        '{"a":' * 1_000_000,
        "{" * 4_000_000,
        "[]," * 1_500_000,
        "{}" * 2_000_000,
        '{"session_id":' * 300_000,
        '{"session_id":[' * 300_000,
        '{"x":["' * 500_000,
        '{"a\\' * 1_000_000,
        '"' * 4_000_001,
        "\\" * 4_000_000,
        '{"a":1,"' * 500_000,
        ('{"k":' * 90 + "a" * 4000 + ",") * 800,
        '{"session_id": "s9", "n": [' + "1," * 2_000_000,
        ('{"session_id": "s9", "n": [1,' + " " * 1000) * 3000,
        "1" * 4_000_000,
        ", " * 2_000_000,
    ],
    ids=range(17),
)
def test_hostile_page_is_cut_in_bounded_time(hostile: str, work: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cutter, "MAX_WORK", 400_000_000)

    found = pages.count(f"[{GOOD_1},{hostile},{GOOD_2}]".encode(), "session_id")

    assert sum(work) <= 500_000_000
    assert found.keys[:1] == ("s1",)
    assert found.is_malformed


def test_rest_of_a_page_that_takes_too_much_work_is_one_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cutter, "MAX_WORK", 600_000)

    first, rest = pages.records(page(GOOD_1, '{"n":' * 1000, GOOD_2).encode(), "session_id")

    assert (first.text, first.error) == (GOOD_1, None)
    assert rest.text.endswith(GOOD_2)
    assert rest.error == "the rest of the page, 5062 bytes, has no records that can be told apart"


def test_large_page_is_read_stretch_by_stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_RECORD", 200)
    some = [json.dumps({"user_id": f"u{n}", "text": "é" * (n % 150)}, ensure_ascii=False) for n in range(500)]

    assert count(page(*some), "user_id") == Count(500, 0, tuple(f"u{n}" for n in range(500)))
    found = count(page(*some, '{"user_id": "%s"}' % ("x" * 200)), "user_id")
    assert (found.records, found.unreadable, found.is_malformed) == (501, 1, True)
