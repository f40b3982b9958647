"""The folder of one run of the suite, by which all that it makes is found and removed.

Every process that a run starts has the folder's path in its environment, and every
sandbox that a run makes has its state below the folder. So what a run leaves is known,
even if it was killed: the next run finds its folder, which nobody holds any more.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from sandbox import processes

MARK = "KUBERNETES_OVERVIEW_RUN"
"""The environment variable with the folder's path."""

_PREFIX = "kubernetes-overview-run-"
_DOWN_SECONDS = 180


def _lock(folder: Path) -> FileLock:
    """Held by the run for as long as it lives; the kernel gives it back."""
    return FileLock(folder / "alive.lock")


class RunFolder:
    """The folder of this run, made and held; workers and programs inherit its mark."""

    def __init__(self) -> None:
        # Under another name until it is held, or another run could take it for one that
        # nobody holds.
        making = Path(tempfile.mkdtemp(prefix="making-" + _PREFIX))
        self._held = _lock(making)
        self._held.acquire()
        self.path = making.with_name(making.name.removeprefix("making-"))
        making.rename(self.path)
        os.environ[MARK] = str(self.path)
        os.environ["XDG_STATE_HOME"] = str(self.path / "state")

    def remove(self) -> None:
        """End and remove all that is left of this run."""
        _remove(self.path)
        self._held.release()
        # What it started may have been runs of the suite, too.
        remove_those_left()


def remove_those_left() -> list[str]:
    """Remove what is left of runs that were killed; say what that was, a line each."""
    found: list[str] = []
    for folder in sorted(Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")):
        with suppress(OSError, Timeout):
            if folder.stat().st_uid != os.getuid():
                continue
            with _lock(folder).acquire(timeout=0):
                found += [f"{folder.name}: {what}" for what in _remove(folder)]
    return found


def _remove(folder: Path) -> list[str]:
    found = ["processes"] if processes.started_for(folder, MARK) else []
    processes.end(folder, MARK)
    for sandbox in sorted(folder.rglob("kubernetes-overview/sandboxes/*")):
        state = sandbox.parents[2]
        found.append(f"sandbox {sandbox.name}")
        # A process of its own, as the state folder is taken from the environment.
        subprocess.run(
            [sys.executable, "-m", "sandbox", "down", "--name", sandbox.name],
            env=os.environ | {"XDG_STATE_HOME": str(state)},
            capture_output=True,
            timeout=_DOWN_SECONDS,
            check=True,
        )
    shutil.rmtree(folder)
    return found
