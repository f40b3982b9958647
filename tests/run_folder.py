"""The folder of one run of the suite, by which all that it makes is found and removed.

Every process that a run starts has the folder's path in its environment, and every
sandbox that a run makes has its state below the folder. So what a run leaves is known,
even if it was killed: the next run finds its folder, which nobody holds any more.
"""

import json
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
_NOT_REMOVED = "not removed: "


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
        """End and remove all that is left of this run; print what could not be."""
        for line in _remove(self.path):
            if _NOT_REMOVED in line:
                print(line, file=sys.stderr)
        self._held.release()
        # What it started may have been runs of the suite, too.
        remove_those_left()


def remove_those_left() -> list[str]:
    """Remove what is left of runs that were killed; say what that was, a line each."""
    lines: list[str] = []
    for folder in sorted(Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")):
        with suppress(OSError, Timeout):
            if folder.stat().st_uid != os.getuid():
                continue
            with _lock(folder).acquire(timeout=0):
                lines += [f"{folder.name}: {what}" for what in _remove(folder)]
    return lines


def _remove(folder: Path) -> list[str]:
    """What a sandbox could not give back stays, with its state, and is told each time:
    a cluster that doesn't answer now may do so for the next run.
    """
    left = ["processes"] if processes.started_for(folder, MARK) else []
    # First what was made on clusters of others, which may be processes of this run.
    downs = [_down(state) for state in _sandboxes(folder) if _is_of_others(state)]
    processes.end(folder, MARK)
    downs += [_down(each) for each in _sandboxes(folder) if not _is_of_others(each)]
    left += downs
    if not any(_sandboxes(folder)):
        shutil.rmtree(folder)
    return left


def _sandboxes(folder: Path) -> list[Path]:
    return sorted(folder.rglob("kubernetes-overview/sandboxes/*"))


def _is_of_others(sandbox: Path) -> bool:
    # Missing or broken, it is for `sandbox down` to say so.
    with suppress(OSError, ValueError, KeyError, TypeError):
        state = json.loads((sandbox / "state.json").read_text())
        return state["driver"] == "current"
    return False


def _down(sandbox: Path) -> str:
    # A process of its own, as the state folder is taken from the environment.
    command = [sys.executable, "-m", "sandbox", "down", "--name", sandbox.name]
    environment = os.environ | {"XDG_STATE_HOME": str(sandbox.parents[2])}
    try:
        subprocess.run(
            command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_DOWN_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        reason = f"not down after {_DOWN_SECONDS} s"
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().splitlines()[-1]
    else:
        return f"sandbox {sandbox.name}"
    return f"sandbox {sandbox.name}, {_NOT_REMOVED}{reason}"
