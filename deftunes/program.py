"""The program, in an environment of its own: signals are heeded before anything is loaded that takes its time."""

from deftunes.system import interruption


def main() -> None:
    """Runs the command line; a signal ends it with its code and its words, whatever had been loaded."""
    try:
        interruption.heed_signals()
        from deftunes.cli import main as cli

        cli.main()
    except interruption.Interruption as interrupted:
        interruption.leave(interrupted.code, _say_nothing if interrupted.is_unread else interruption.say_what_is_left)


def _say_nothing() -> None:
    """Nobody reads any more."""


if __name__ == "__main__":
    main()
