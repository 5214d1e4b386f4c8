"""What others wrote reaches the screen as text, whichever way it goes there."""

import io
from pathlib import Path

import pytest

from deftunes.cli import screen
from deftunes.run.runner import FAILED, Progress, StepFailedError
from deftunes.run.steps import STEPS
from deftunes.services.source_dsn import source_address
from deftunes.system import log_tail
from deftunes.system.printable import printable
from spark_jobs.problem import Problem

# A title of the window, a bell, a colour, a line drawn over, an eight-bit sequence, letters turned around, blanks.
EVIL = "\x1b]0;owned\x07\x1b[31mred\x1b[0m\rover\x9b2J\u202egnp.exe\u2066\ufeff\u2028\udc1b\U000e0041"
FORBIDDEN = set("\x1b\x07\r\x9b\u202e\u2066\ufeff\u2028\udc1b\U000e0041")
MARKUP = "[red]A[/] [link=https://evil.example]B[/link] \\[bold] [/]"


def shown(renderable: object) -> str:
    """What a terminal gets, its colours off."""
    console = screen.Screen()
    console.file, console.no_color, console.width = io.StringIO(), True, 200
    console.print(renderable)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\x1b[2J", "␛[2J"),
        ("a\rb\x00\x08", "a␍b␀␈"),
        ("\x7f\x9d", "␡\ufffd"),
        ("abc\u202edef", "abc\ufffddef"),
        ("line\nand\ttab", "line\nand\ttab"),
        ("Björk – 東京 👩\u200d🎤 عربي می\u200cخواهم", "Björk – 東京 👩\u200d🎤 عربي می\u200cخواهم"),
    ],
)
def test_characters_that_steer_are_shown_and_letters_stay(text: str, seen: str) -> None:
    assert printable(text) == seen


@pytest.mark.parametrize("text", [EVIL, MARKUP])
def test_every_part_of_the_screen_shows_text_as_text(text: str) -> None:
    problem = Problem(text, text, text, text, text)
    step = Progress(STEPS[0], state=FAILED, problem=problem)
    board = screen.Board(screen.Screen(), "window")
    board._progresses = [step]
    for renderable in (
        screen.grid((text,), [(text,), (None,)]),
        screen.bars("title", [(text, 1.0)]),
        board._table(),
        screen.trouble(problem),
        screen.trouble(StepFailedError(STEPS[0], problem)),
        screen.trouble(ValueError(text)),
    ):
        seen = shown(renderable)
        assert not FORBIDDEN & set(seen), seen
        assert "owned" in seen or "[link=https://evil.example]B[/link]" in seen, seen


def test_a_plain_print_of_the_screen_is_no_way_around() -> None:
    console = screen.Screen()
    console.file = io.StringIO()
    console.print(EVIL, markup=False, highlight=False, soft_wrap=True)
    assert not FORBIDDEN & set(console.file.getvalue())


def test_a_log_that_is_shown_again_is_text(tmp_path: Path) -> None:
    log = tmp_path / "catalog.log"
    log.write_bytes(b"first\n" + EVIL.encode("utf-8", "surrogatepass") + b"\n\xff\x1b[5m\n")
    assert not FORBIDDEN & set(log_tail.last_lines(log, 3))


@pytest.mark.parametrize(
    "dsn", ["postgresql://me:s3cret@db.example/songs", "postgresql://me@db.example/songs?password=s3cret"]
)
def test_address_of_the_songs_is_shown_without_its_password(dsn: str) -> None:
    """What `deftunes up` prints."""
    place = source_address(dsn).place
    assert "db.example" in place
    assert "s3cret" not in place
