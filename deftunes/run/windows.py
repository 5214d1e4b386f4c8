"""Several windows in one run: each is refined in turn, then gold is built once, of all of them."""

from collections.abc import Callable
from contextlib import suppress

from deftunes.run.runner import Progress, StepFailedError
from deftunes.run.steps import STEPS, Step
from spark_jobs.window import Window

Show = Callable[[str, Callable[..., list[Progress]]], list[Progress]]
RunWindow = Callable[..., list[Progress]]


def run_windows(
    run_window: RunWindow, windows: tuple[Window, ...], shown: Show, steps: tuple[Step, ...] = STEPS
) -> list[list[Progress]]:
    """What each part told. `run_window` takes a window, a listener and steps; `shown` runs one under its title.

    Raises runner.StepFailedError for the window that failed, after gold was built of those before it.
    """
    serving = tuple(step for step in steps if step.dag == "deftunes_serving")
    refining = tuple(step for step in steps if step not in serving)
    progresses: list[list[Progress]] = []

    def part(window: Window, chosen: tuple[Step, ...]) -> None:
        progresses.append(shown(str(window), lambda progress: run_window(window, progress, chosen)))

    if len(windows) == 1:
        part(windows[0], steps)
        return progresses
    for number, window in enumerate(windows):
        try:
            part(window, refining)
        except StepFailedError:
            with suppress(StepFailedError):  # what stopped the window is the problem
                if number:
                    part(Window(windows[0].first, windows[number - 1].last), serving)
            raise
    part(Window(windows[0].first, windows[-1].last), serving)
    return progresses
