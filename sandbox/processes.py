"""Finding and ending processes that a sandbox started, and no others.

Each gets the sandbox's folder in its environment and hands it down to those that it
starts itself. Ids in files would not do: an id may be another's by now (after a restart
of the machine, say), and one that was killed may have written none.
"""

import contextlib
import os
import signal
from pathlib import Path

from sandbox import waiting

_MARK = "SANDBOX_FOLDER"


def environment(folder: Path) -> dict[str, str]:
    """This process's environment with the mark of `folder`, for one to be started."""
    return os.environ | {_MARK: str(folder)}


def started_for(folder: Path, mark: str = _MARK) -> list[int]:
    """The ids of the running processes that have the mark of `folder`.

    `mark` is the environment variable that holds the folder's path.
    """
    marked = os.fsencode(f"{mark}={folder}")
    pids: list[int] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        # Gone since the listing, or another user's.
        with contextlib.suppress(OSError):
            if marked in (entry / "environ").read_bytes().split(b"\0"):
                pids.append(int(entry.name))
    return pids


def has_ended(pid: int) -> bool:
    """Whether a process started a moment ago is gone, or a zombie."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    # The state comes after the name, which is in brackets and may be anything.
    return status.rpartition(")")[2].split()[0] in "ZX"


def end(folder: Path, mark: str = _MARK) -> None:
    """Kills every process that has the mark of `folder`.

    `mark` is the environment variable that holds the folder's path.

    Nothing of a throwaway cluster is worth an orderly shutdown. Raises UserError if
    some are still there after half a minute.
    """

    def left() -> str | None:
        there = started_for(folder, mark)
        for pid in there:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return f"{there} are running" if there else None

    what = f"the processes of {folder} to end"
    waiting.until(what, left, 30, every=0.02, advice="; kill them")
