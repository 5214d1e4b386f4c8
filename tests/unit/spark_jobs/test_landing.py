"""Landing: the bytes as delivered, and a manifest that decides what exists."""

import gzip
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from pyarrow import parquet

from spark_jobs.lake.landing import LandedFile, Landing, Manifest
from spark_jobs.problem import Problem
from spark_jobs.window import Window

DAY = date(2020, 2, 29)


@pytest.fixture
def landing(uri: str) -> Landing:
    return Landing(uri, "api", "users")


def deliver(landing: Landing, *bodies: bytes, day: date = DAY) -> bool:
    """Writes and commits pages of two records each."""
    files = [landing.write(day, number, body, 2, 0) for number, body in enumerate(bodies, 1)]
    return landing.commit(manifest(files, day))


def manifest(files: list[LandedFile], day: date = DAY) -> Manifest:
    window: dict[str, str | None] = {"first": str(day), "last": str(day)}
    return Manifest("users", str(day), window, "http://api/users", "2020-03-01T00:00", "2020-03-01T00:01", files)


def folder(landing: Landing, day: date = DAY) -> Path:
    return Path(landing.folder(day).removeprefix("file://"))


def contents(landing: Landing) -> dict[str, tuple[bytes, int]]:
    """Every file of the day: bytes and time of writing."""
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder(landing).iterdir()}


def test_delivery_is_kept_byte_for_byte_with_its_sums(landing: Landing) -> None:
    deliver(landing, b'[{"a":1},  {"a":2}]\n')

    found = landing.manifest(DAY)

    assert found is not None
    assert found.files == [
        LandedFile(
            "page-00001-49f7dc6bf58177ce.json.gz",
            2,
            20,
            "49f7dc6bf58177ce3748870b88f2165484a62e92e111f17da68a1ee3c54a4b47",
        )
    ]
    assert gzip.decompress((folder(landing) / found.files[0].name).read_bytes()) == b'[{"a":1},  {"a":2}]\n'
    text = json.loads((folder(landing) / "_manifest.json").read_text())
    assert (text["rows"], text["bytes"], text["window"]) == (2, 20, {"first": "2020-02-29", "last": "2020-02-29"})


def test_landing_does_not_exist_before_its_manifest(landing: Landing) -> None:
    landing.write(DAY, 1, b"[]", 0, 0)

    assert landing.manifest(DAY) is None
    with pytest.raises(Problem) as named:
        landing.manifests([DAY])
    assert named.value == Problem(
        "users of 2020-02-29 was not landed",
        f"{landing.uri}/ingest_on=2020-02-29",
        "no _manifest.json",
        "land it first: run the window again with FROM=2020-02-29 TO=2020-02-29",
    )


def test_same_delivery_twice_writes_nothing(landing: Landing) -> None:
    assert deliver(landing, b"[1]", b"[2]")
    before = contents(landing)

    assert not deliver(landing, b"[1]", b"[2]")
    assert contents(landing) == before


def test_changed_delivery_replaces_the_one_before(landing: Landing) -> None:
    deliver(landing, b"[1]", b"[2]")

    assert deliver(landing, b"[3]")
    assert sorted(
        gzip.decompress(text) for name, (text, _) in contents(landing).items() if name != "_manifest.json"
    ) == [b"[3]"]


def test_reordered_pages_are_another_delivery(landing: Landing) -> None:
    deliver(landing, b"[1]", b"[2]")

    assert deliver(landing, b"[2]", b"[1]")


def test_broken_off_delivery_leaves_the_one_before_until_the_next_sweeps_it(landing: Landing) -> None:
    deliver(landing, b"[1]")
    before = contents(landing)
    landing.write(DAY, 1, b"[9]", 2, 0)
    (folder(landing) / "page-00002-half.json.gz.part").write_bytes(b"half")

    found = landing.manifest(DAY)
    assert found is not None
    assert [file.name for file in found.files] == [name for name in before if name != "_manifest.json"]

    deliver(landing, b"[1]")
    assert contents(landing) == before


def test_manifest_that_cannot_be_read_is_named_and_repaired_by_landing_again(landing: Landing) -> None:
    deliver(landing, b"[1]")
    for text in ('{"table": "users", "ing', "[]", "{}"):
        (folder(landing) / "_manifest.json").write_text(text)

        with pytest.raises(Problem) as named:
            landing.manifests([DAY])

        assert named.value == Problem(
            "The manifest of users of 2020-02-29 cannot be read",
            f"{landing.uri}/ingest_on=2020-02-29/_manifest.json",
            repr(text.encode()),
            "land the day again: FROM=2020-02-29 TO=2020-02-29",
        )
        assert deliver(landing, b"[1]")
        assert len(landing.manifests([DAY])) == 1


def test_days_before_are_committed_earlier_days_only(landing: Landing) -> None:
    assert landing.days_before(DAY) == []
    landing.write(date(2020, 2, 1), 1, b"[]", 0, 0)
    for day in (DAY, date(2020, 3, 1), date(2020, 2, 28), date(2020, 2, 3)):
        deliver(landing, b"[1]", day=day)

    assert landing.days_before(DAY) == [date(2020, 2, 3), date(2020, 2, 28)]


def test_same_bytes_in_answer_to_another_question_are_another_delivery(landing: Landing) -> None:
    deliver(landing, b"[]")
    kept = landing.manifest(DAY)
    assert kept is not None

    assert landing.commit(replace(kept, window={"first": None, "last": str(DAY)}))
    assert landing.commit(kept)


def test_time_of_landing_is_that_of_the_content(landing: Landing) -> None:
    deliver(landing, b"[1]")
    first = landing.manifest(DAY)
    assert first is not None
    assert first.landed_at == ""

    landing.commit(replace(first, landed_at="2020-03-02T00:00:00+00:00"))
    assert landing.manifest(DAY) == first
    landing.commit(replace(first, landed_at="2020-03-02T00:00:00+00:00", files=[]))
    again = landing.manifest(DAY)
    assert again is not None
    assert again.landed_at == "2020-03-02T00:00:00+00:00"


def test_manifest_of_before_the_time_of_landing_can_be_read(landing: Landing) -> None:
    deliver(landing, b"[1]")
    path = folder(landing) / "_manifest.json"
    text = json.loads(path.read_text())
    del text["landed_at"]
    path.write_text(json.dumps(text))

    found = landing.manifest(DAY)
    assert found is not None
    assert found.landed_at == ""


def test_file_that_cannot_be_written_is_reported_with_its_place(landing: Landing) -> None:
    folder(landing).parent.mkdir(parents=True)
    folder(landing).write_text("a file where the day's folder should be")

    with pytest.raises(Problem) as named:
        landing.write(DAY, 1, b"[]", 0, 0)

    assert named.value.what == "The landing file could not be written"
    assert named.value.where == f"{folder(landing)}/page-00001-4f53cda18c2baa0c.json.gz"
    assert named.value.value == str(named.value.__cause__)
    assert named.value.way_out == "free space or fix access, then run again"


def test_rows_written_again_in_other_bytes_are_the_same_delivery(uri: str) -> None:
    landing = Landing(uri, "postgres", "songs")
    rows = pa.table({"track_id": ["TR1", "TR2"], "year": pa.array([2001, None], pa.int32())})
    delivered = []
    for compression in ("snappy", "gzip"):
        writing = folder(landing) / "_writing"
        writing.mkdir(parents=True)
        parquet.write_table(rows, writing / "part.parquet", compression=compression)
        delivered.append(landing.adopt(DAY, "_writing"))

    first, again = delivered
    assert [(file.name, file.sha256, file.rows) for file in first] == [(file.name, file.sha256, 2) for file in again]
    assert first[0].bytes != again[0].bytes


def page_of(landing: Landing) -> Path:
    (page,) = folder(landing).glob("page-*")
    return page


DAMAGED_PAGES = {
    "emptied": lambda packed: b"",
    "cut": lambda packed: packed[: len(packed) // 2],
    "without its end": lambda packed: packed[:-4],
    "another checksum": lambda packed: packed[:-8] + b"\1\2\3\4" + packed[-4:],
    "another length": lambda packed: packed[:-4] + b"\1\2\3\4",
    "more behind it": lambda packed: packed + b"more",
    "no gzip": lambda packed: b"[2]",
    "bits turned": lambda packed: packed[:12] + bytes([packed[12] ^ 0xFF]) + packed[13:],
    "another price": lambda packed: gzip.compress(gzip.decompress(packed).replace(b"0.59", b"0.95")),
    "twice": lambda packed: packed + packed,
}


@pytest.mark.parametrize("name", DAMAGED_PAGES)
def test_damaged_page_is_named_with_its_sums_and_repaired_by_landing_again(landing: Landing, name: str) -> None:
    body = b'[{"price": 0.59, "user_id": "u1"}]'
    deliver(landing, body)
    landing.verify(landing.manifests([DAY]))
    before, page = contents(landing), page_of(landing)
    page.write_bytes(DAMAGED_PAGES[name](page.read_bytes()))

    with pytest.raises(Problem) as named:
        landing.verify(landing.manifests([DAY]))

    assert named.value.what == "A landing file of users is not what its manifest says"
    assert named.value.where == f"{landing.folder(DAY)}/{page.name}"
    assert f"expected sha256 {landing.manifests([DAY])[0].files[0].sha256}, found " in named.value.value
    again = "land the day again, which writes the file anew: FROM=2020-02-29 TO=2020-02-29"
    assert named.value.way_out == again
    assert not deliver(landing, body)
    landing.verify(landing.manifests([DAY]))
    assert {name: text for name, (text, _) in contents(landing).items()} == {
        name: text for name, (text, _) in before.items()
    }


def test_missing_page_is_named_and_one_that_no_manifest_lists_is_not_looked_at(landing: Landing) -> None:
    deliver(landing, b"[1]")
    (folder(landing) / "page-00002-other.json.gz").write_bytes(b"no gzip")
    landing.verify(landing.manifests([DAY]))
    page_of_first = next(folder(landing).glob("page-00001-*"))
    page_of_first.unlink()

    with pytest.raises(Problem, match=rf"{page_of_first.name}.*found no file.*FROM=2020-02-29"):
        landing.verify(landing.manifests([DAY]))

    assert not deliver(landing, b"[1]")
    assert [path.name for path in folder(landing).glob("page-*")] == [page_of_first.name]


def test_way_to_repair_everybody_before_a_day_asks_for_them_again(landing: Landing) -> None:
    files = [landing.write(DAY, 1, b"[1]", 1, 0)]
    landing.commit(Manifest("users", str(DAY), {"first": None, "last": str(DAY)}, "", "", "", files))
    page_of(landing).unlink()

    with pytest.raises(Problem) as named:
        landing.verify(landing.manifests([DAY]))

    way_out = "then land everybody before 2020-03-01 again: FROM=2020-03-01 TO=2020-03-01"
    assert named.value.way_out == f"remove {landing.folder(DAY)}, {way_out}"


@pytest.mark.parametrize(
    ("source", "window"), [("postgres", {"first": None, "last": str(DAY)}), ("api", {"last": str(DAY)})]
)
def test_way_to_repair_a_delivery_that_is_not_of_everybody_is_its_day(
    uri: str, source: str, window: dict[str, str | None]
) -> None:
    landing = Landing(uri, source, "songs")
    file = LandedFile("part-00000-none.parquet", 1, 1, "0")
    landing.commit(Manifest("songs", str(DAY), window, "", "", "", [file]))

    with pytest.raises(Problem) as named:
        landing.verify(landing.manifests([DAY]))

    assert named.value.value == "expected sha256 0, found no file"
    assert named.value.way_out == "land the day again, which writes the file anew: FROM=2020-02-29 TO=2020-02-29"


def test_every_damaged_file_of_several_days_is_found_and_the_first_is_named(landing: Landing) -> None:
    days = [DAY, date(2020, 3, 1), date(2020, 3, 2)]
    for day in days:
        deliver(landing, f'["{day}"]'.encode(), day=day)
    for day in days[1:]:
        next(folder(landing, day).glob("page-*")).unlink()

    with pytest.raises(Problem) as named:
        landing.verify(landing.manifests(days))

    assert named.value.where.startswith(f"{landing.uri}/ingest_on=2020-03-01/page-00001-")


def test_address_may_end_with_a_slash(uri: str) -> None:
    landing = Landing(f"{uri}//", "api", "users")

    assert (landing.uri, landing.source, landing.table) == (f"{uri}/api/users", "api", "users")
    deliver(landing, b"[1]")
    assert [path.name for path in folder(landing).glob("page-*")] == ["page-00001-080a9ed428559ef6.json.gz"]


def test_delivery_before_is_still_there_when_the_commit_is_announced(uri: str) -> None:
    found: list[Manifest | None] = []
    landing = Landing(uri, "api", "users", before_commit=lambda: found.append(landing.manifest(DAY)))

    deliver(landing, b"[1]")
    first = landing.manifest(DAY)
    deliver(landing, b"[2]")

    assert found == [None, first]
    assert landing.manifest(DAY) != first


def test_page_is_packed_without_the_time_so_that_the_same_page_is_the_same_file(landing: Landing) -> None:
    deliver(landing, b"[1]")

    assert page_of(landing).read_bytes()[4:8] == bytes(4)


def test_files_of_a_snapshot_are_adopted_in_order_and_what_else_was_written_is_not(uri: str) -> None:
    landing = Landing(uri, "postgres", "songs")
    writing = folder(landing) / "_writing"
    writing.mkdir(parents=True)
    for name, keys in (("b.parquet", ["TR2"]), ("a.parquet", ["TR1", "TR3"]), ("c.parquet", ["TR4"])):
        parquet.write_table(pa.table({"track_id": keys}), writing / name)
    (writing / "_SUCCESS").touch()
    (writing / ".a.parquet.crc").touch()
    sizes = [(writing / f"{name}.parquet").stat().st_size for name in "abc"]

    files = landing.adopt(DAY, "_writing")

    assert [(file.name[:11], file.rows, file.bytes) for file in files] == [
        ("part-00000-", 2, sizes[0]),
        ("part-00001-", 1, sizes[1]),
        ("part-00002-", 1, sizes[2]),
    ]
    assert [file.name[11:] for file in files] == [f"{file.sha256[:16]}.parquet" for file in files]
    assert sorted(path.name for path in folder(landing).iterdir()) == [file.name for file in files]
    landing.verify([manifest(files)])


def test_what_no_manifest_lists_is_swept_from_folders_below_too(landing: Landing) -> None:
    left_over = folder(landing) / "_writing/_temporary/part.parquet"
    left_over.parent.mkdir(parents=True)
    left_over.touch()

    deliver(landing, b"[1]")

    assert [path.name for path in sorted(folder(landing).rglob("*")) if path.is_file()] == [
        "_manifest.json",
        page_of(landing).name,
    ]


def test_manifest_of_a_later_state_is_read_without_what_it_says_more(landing: Landing) -> None:
    deliver(landing, b"[1]")
    before = landing.manifest(DAY)
    path = folder(landing) / "_manifest.json"
    text = json.loads(path.read_text())
    text |= {"mood": "good", "files": [{**text["files"][0], "mood": 1}]}
    path.write_text(json.dumps(text))

    assert landing.manifest(DAY) == before


def test_proof_and_repeated_records_are_kept_with_the_delivery(landing: Landing) -> None:
    one = LandedFile("a.json.gz", 3, 5, "0"), LandedFile("b.json.gz", 4, 6, "1", 1, True)
    said = replace(manifest(list(one)), repeated=2, proof="links", landed_at="now")

    landing.commit(said)

    assert landing.manifest(DAY) == said
    assert (said.rows, said.bytes, said.is_of_several_days) == (7, 11, False)
    assert json.loads((folder(landing) / "_manifest.json").read_text())["rows"] == 7


@pytest.mark.parametrize(
    "damage",
    [lambda content: b"", lambda content: content[:-9], lambda content: content.replace(b"TR1", b"TR9")],
    ids=["emptied", "cut", "another value"],
)
def test_damaged_snapshot_is_named_and_repaired_by_landing_again(uri: str, damage) -> None:
    landing = Landing(uri, "postgres", "songs")

    def deliver_songs() -> bool:
        writing = folder(landing) / "_writing"
        writing.mkdir(parents=True)
        parquet.write_table(pa.table({"track_id": ["TR1"]}), writing / "part.parquet", use_dictionary=False)
        return landing.commit(manifest(landing.adopt(DAY, "_writing")))

    deliver_songs()
    (file,) = folder(landing).glob("part-*")
    file.write_bytes(damage(file.read_bytes()))

    with pytest.raises(Problem, match=rf"{file.name}.*expected sha256 .*, found .*FROM=2020-02-29 TO=2020-02-29"):
        landing.verify(landing.manifests([DAY]))

    assert not deliver_songs()
    landing.verify(landing.manifests([DAY]))


def test_manifest_of_an_older_state_is_read_and_completed_by_landing_again(landing: Landing) -> None:
    deliver(landing, b"[1]")
    path = folder(landing) / "_manifest.json"
    text = json.loads(path.read_text())
    del text["files"][0]["is_malformed"]
    path.write_text(json.dumps(text))

    assert landing.manifests([DAY])[0].files[0].is_malformed is None
    file = landing.write(DAY, 1, b"[1]", 2, 0, is_malformed=False)
    assert not landing.commit(manifest([file]))
    assert landing.manifests([DAY])[0].files == [file]


@pytest.mark.parametrize(
    ("field", "value"),
    [("rows", "2"), ("name", None), ("sha256", 7), ("unreadable", 1.5), ("bytes", {}), ("is_malformed", "no")],
)
def test_manifest_with_a_value_of_another_type_is_named(landing: Landing, field: str, value: object) -> None:
    deliver(landing, b"[1]")
    path = folder(landing) / "_manifest.json"
    text = json.loads(path.read_text())
    text["files"][0][field] = value
    path.write_text(json.dumps(text))

    with pytest.raises(Problem, match=r"ingest_on=2020-02-29/_manifest.json.*land the day again"):
        landing.manifests([DAY])


@pytest.mark.parametrize("change", [{"ingest_on": "2020-02-28"}, {"window": None}, {"repeated": "1"}, {"files": [1]}])
def test_manifest_that_says_other_things_is_named(landing: Landing, change: dict[str, object]) -> None:
    deliver(landing, b"[1]")
    path = folder(landing) / "_manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))

    with pytest.raises(Problem, match=r"The manifest of users of 2020-02-29 cannot be read"):
        landing.manifests([DAY])


def land_empty(landing: Landing, first: str | None, last: str, landed_at: str) -> None:
    """A delivery of the days from the first to the last, without a record."""
    empty = manifest([], date.fromisoformat(last))
    landing.commit(replace(empty, window={"first": first, "last": last}, landed_at=landed_at))


def test_newest_window_is_the_days_of_the_last_landing(landing: Landing) -> None:
    assert landing.newest_window() is None
    land_empty(landing, None, "2020-01-31", "2020-03-02T00:00")  # everybody of before comes with the last landing
    land_empty(landing, "2020-03-01", "2020-03-01", "2020-03-01T00:00")
    for day in ("2020-02-01", "2020-02-03"):
        land_empty(landing, day, day, "2020-03-02T00:00")
    assert landing.newest_window() == Window(date(2020, 2, 1), date(2020, 2, 3))


def test_newest_window_of_manifests_without_times_is_the_last_day(landing: Landing) -> None:
    for day in ("2020-02-01", "2020-02-03"):
        land_empty(landing, None, day, "")
    assert landing.newest_window() == Window(date(2020, 2, 3), date(2020, 2, 3))
