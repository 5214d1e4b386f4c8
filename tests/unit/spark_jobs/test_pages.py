"""Pages: one broken record must not take the others with it, and no text may be lost."""

import json

import pytest

from spark_jobs.pages import Count, PageError, count, records

GOOD_1 = '{"session_id": "s1", "session_items": [{"song_id": "TR1"}]}'
GOOD_2 = '{"session_id": "s2", "note": "a ] and a [ and a \\" in text"}'


def page(*pieces: str) -> str:
    return "[" + ",\n".join(pieces) + "]"


def test_records_are_cut_as_they_stand_in_a_good_page() -> None:
    assert records(page(GOOD_1, GOOD_2), "session_id") == [GOOD_1, GOOD_2]


@pytest.mark.parametrize(
    "broken",
    [
        '{"session_id": "s9", "price": 1.0.3}',
        '{"session_id": "s9", "user_agent": "a quote " too many"}',
        '{"session_id": "s9", "user_agent": "never closed}',
        '{"session_id": "s9", "session_items": [{"song_id": "TR9"}',
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
    assert count(page(*pieces), "session_id") == Count(3, 1, ("s1", "s2"))


def test_item_of_a_broken_session_is_not_taken_for_a_session() -> None:
    broken = '{"session_id": oops, "session_items": [{"song_id": "TR9"}, {"song_id": "TR8"}]}'

    assert records(page(broken, GOOD_1), "session_id") == [broken, GOOD_1]


def test_elements_that_are_no_objects_are_counted_as_unreadable() -> None:
    assert count('[{"user_id": "u"}, 42, "text", null, ["user_id"]]', "user_id") == Count(5, 4, ("u",))


def test_empty_page_has_no_records() -> None:
    assert count(" [ ] ", "user_id") == Count(0, 0)
    assert records("[]", "user_id") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<html><body>Bad gateway</body></html>", "starts with '<html>"),
        ("", "starts with ''"),
        (page(GOOD_1, GOOD_2)[:-20], "the array is not closed"),
        ('{"detail": "no"}', "a JSON dict, not an array"),
        ("null", "a JSON NoneType, not an array"),
    ],
)
def test_text_that_is_no_whole_array_is_refused(text: str, said: str) -> None:
    with pytest.raises(PageError, match=said.replace("[", r"\[")):
        count(text, "session_id")


def test_large_page_with_broken_records_is_cut_in_full() -> None:
    pieces = [json.dumps({"user_id": f"u{n}", "text": "x" * 100}) for n in range(20_000)]
    pieces[::1000] = ['{"user_id": "broken' for _ in pieces[::1000]]

    found = count(page(*pieces), "user_id")

    assert (found.records, found.unreadable, len(found.keys)) == (20_000, 20, 19_980)


def test_long_broken_record_with_many_braces_is_one_piece() -> None:
    broken = '{"session_id": oops, "session_items": [' + "{" * 3000 + "]}"

    assert records(page(GOOD_1, broken, GOOD_2), "session_id") == [GOOD_1, broken, GOOD_2]
