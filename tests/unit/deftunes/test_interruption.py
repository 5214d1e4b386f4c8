"""Interruption: every signal ends the program with its code and its words, wherever the main thread is."""

import signal
import subprocess
import sys

import pytest

from deftunes.system.interruption import SIGNALS
from tests.checkout import default_signals

ENDS_BY_ITSELF = """
with interruption.threads(1) as pool:
    pool.submit(time.sleep, 600)
    print("ready", flush=True)
    time.sleep(600)
"""
HEEDS_NOTHING = """
print("ready", flush=True)
while True:
    try:
        time.sleep(600)
    except BaseException:
        pass
"""
PROGRAM = """
import sys, time
from deftunes.system import interruption
say = lambda: print("words", file=sys.stderr)
interruption.heed_signals(say)
try:
{work}
except interruption.Interruption as interrupted:
    interruption.leave(interrupted.code, say)
"""


def program(work: str) -> "subprocess.Popen[str]":
    """The program, at its work."""
    text = PROGRAM.format(work="\n".join(f"    {line}" for line in work.splitlines()))
    with default_signals():
        started = subprocess.Popen(
            [sys.executable, "-c", text],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


@pytest.mark.parametrize("number", SIGNALS)
def test_signal_ends_the_program_though_a_thread_is_at_work(number: signal.Signals) -> None:
    started = program(ENDS_BY_ITSELF)
    started.send_signal(number)
    _, errors = started.communicate(timeout=60)
    assert (started.returncode, errors) == (128 + number, "words\n")


def test_signal_ends_a_program_whose_main_thread_heeds_nothing() -> None:
    started = program(HEEDS_NOTHING)
    started.send_signal(signal.SIGINT)
    _, errors = started.communicate(timeout=60)
    assert (started.returncode, errors) == (130, "words\n")


def test_second_signal_is_not_waited_for() -> None:
    started = program(HEEDS_NOTHING)
    started.send_signal(signal.SIGTERM)
    started.send_signal(signal.SIGINT)
    _, errors = started.communicate(timeout=60)
    assert started.returncode in (143, 130)  # two at once may arrive in either order
    assert errors == "words\n"


def test_ignored_signal_stays_ignored() -> None:
    """As under nohup, and as a script's shell starts what it puts into the background."""
    text = PROGRAM.format(work="    import signal; signal.raise_signal(signal.SIGHUP); print('went on')")
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=60, check=False)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert (done.returncode, done.stdout) == (0, "went on\n")
