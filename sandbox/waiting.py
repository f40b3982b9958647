"""Waiting for something, with a deadline, and with a word on what was seen last."""

import time
from collections.abc import Callable

from sandbox.errors import UserError


class TimedOut(UserError):
    """The deadline has passed: what was waited for, and what was seen last."""


def until(
    what: str,
    lacking: Callable[[], str | None],
    seconds: float,
    *,
    every: float = 0.1,
    advice: str = "",
) -> None:
    """Call `lacking` again and again until it returns None.

    Until then it says what is lacking. Raises TimedOut, which ends in `advice`, if
    that takes longer than `seconds`.
    """
    deadline = time.monotonic() + seconds
    while (last := lacking()) is not None:
        if time.monotonic() > deadline:
            raise TimedOut(f"waited {seconds:.0f} s for {what}: {last}{advice}")
        time.sleep(every)
