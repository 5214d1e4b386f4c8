"""`python -m deftunes` is the program `deftunes`, in an environment of its own."""

import signal

# They wait until deftunes/program.py heeds them: whatever is being imported, a signal then ends the program in words.
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT})

from deftunes.system.own_environment import start_again  # noqa: E402  what takes time comes after

if __name__ == "__main__":
    start_again("deftunes.program")
