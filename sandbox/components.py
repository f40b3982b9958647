"""Stopping one component of a control plane, and starting it again as it was."""

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from sandbox import binaries, processes, waiting
from sandbox.errors import UserError

NAMES = (
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kwok-controller",
    "metrics-server",
)
"""Those of a sandbox on kwok, each after the ones that it works with."""

_ORDERLY = 10.0
"""Seconds to end by itself. A leader gives its Lease back then, so that the next one
need not wait until that has run out. An API server would wait for the end of all
watches, which those who have them don't bring about."""


def stopped(folder: Path) -> list[str]:
    """The components of the sandbox in `folder` that were stopped."""
    return sorted(file.stem for file in _notes(folder).glob("*.json"))


def stop(folder: Path, name: str, pid: int) -> None:
    """Ends the process `pid`, and notes how it was started."""
    # Before it ends, so that a sandbox without it is never taken for a broken one.
    _write(_note(folder, name), pid)

    def runs() -> str | None:
        return None if processes.has_ended(pid) else "it runs"

    orderly = _ORDERLY if name != "kube-apiserver" else 1.0
    for number, seconds in ((signal.SIGTERM, orderly), (signal.SIGKILL, 30.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        with contextlib.suppress(waiting.TimedOut):
            waiting.until(f"{name} to end", runs, seconds, every=0.02)
            return
    raise UserError(f"{name} (process {pid}) does not end: kill it")


def start(folder: Path, name: str, log: Path) -> int:
    """Starts a component that was stopped, and returns its process id.

    What it prints goes to the end of `log`. Raises UserError if its program is not what
    it was when it was fetched.
    """
    note: dict[str, Any] = json.loads(_note(folder, name).read_text())
    binaries.require_unchanged([Path(note["arguments"][0]).resolve()])
    with log.open("ab") as output:
        process = subprocess.Popen(
            note["arguments"],
            cwd=note["directory"],
            env=processes.environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            umask=0o077,  # as at first
        )
    _note(folder, name).unlink()
    return process.pid


def expect_to_end(folder: Path, name: str, pid: int) -> None:
    """Notes how `pid` was started, as it may give up while something is stopped."""
    _write(_expected(folder) / f"{name}.json", pid)


def expected_to_end(folder: Path) -> list[str]:
    """The components of which this was noted and not yet settled."""
    return sorted(file.stem for file in _expected(folder).glob("*.json"))


def settle(folder: Path, name: str, *, has_ended: bool) -> None:
    """What was expected has come about: it counts as stopped. Or it has not."""
    note = _expected(folder) / f"{name}.json"
    if has_ended and name not in stopped(folder):
        note.replace(_note(folder, name))
    else:
        note.unlink()


def _write(note: Path, pid: int) -> None:
    process = Path(f"/proc/{pid}")
    arguments = (process / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
    note.parent.mkdir(exist_ok=True)
    command = {
        "arguments": [os.fsdecode(a) for a in arguments],
        "directory": str((process / "cwd").readlink()),
    }
    note.write_text(json.dumps(command))


def _expected(folder: Path) -> Path:
    return folder / "expected to end"


def _notes(folder: Path) -> Path:
    return folder / "stopped"


def _note(folder: Path, name: str) -> Path:
    return _notes(folder) / f"{name}.json"
