"""Finding and ending processes that a sandbox started, and no others."""

import contextlib
import os
import signal
import time
from pathlib import Path

from sandbox.errors import UserError


def started_from(folder: Path) -> list[int]:
    """The ids of the running processes whose program lies under `folder`.

    It goes by the path a process was started with, not by id files: an id in a
    file may be another's by now (after a restart of the machine, say).
    """
    prefix = os.fsencode(folder) + b"/"
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        # Gone since the listing, or not ours to read.
        with contextlib.suppress(OSError):
            if (entry / "cmdline").read_bytes().startswith(prefix):
                found.append(int(entry.name))
    return found


def end(folder: Path) -> None:
    """Kills every process started from `folder` and waits until all are gone.

    Nothing of a throwaway cluster is worth an orderly shutdown. Raises UserError if
    some are still there after five seconds.
    """
    until = time.monotonic() + 5
    while left := started_from(folder):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > until:
            raise UserError(f"the processes {left} of {folder} do not end: kill them")
        time.sleep(0.02)
