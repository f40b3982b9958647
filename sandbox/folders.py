"""Where the sandbox keeps things, by the XDG base directory specification.

https://specifications.freedesktop.org/basedir-spec/latest/
"""

import os
from pathlib import Path

from sandbox.errors import UserError

_PROJECT = "kubernetes-overview"


def state() -> Path:
    """The folder with one folder per sandbox."""
    return _base("XDG_STATE_HOME", ".local/state") / _PROJECT / "sandboxes"


def cache() -> Path:
    """The folder for what can be made again: binaries, the logs of their builds."""
    return _base("XDG_CACHE_HOME", ".cache") / _PROJECT


def require_space(folder: Path, megabytes: int, purpose: str) -> None:
    """Raises UserError if the disk that holds `folder` has less free space.

    SANDBOX_MIN_FREE_MB, if set, stands in for `megabytes`; 0 turns the check off.
    """
    wanted = os.environ.get("SANDBOX_MIN_FREE_MB", "")
    if wanted:
        if not wanted.isdecimal():
            raise UserError(f"SANDBOX_MIN_FREE_MB is {wanted!r}: give a whole number")
        megabytes = int(wanted)
    there = next(p for p in (folder, *folder.parents) if p.exists())
    status = os.statvfs(there)
    free = status.f_bavail * status.f_frsize // 1_000_000
    if free < megabytes:
        raise UserError(
            f"not enough disk space {purpose}: {there} has {free} MB free,"
            f" {megabytes} MB are needed; free some, or set SANDBOX_MIN_FREE_MB=0 to"
            " try anyway"
        )


def _base(variable: str, default: str) -> Path:
    # The specification: a relative path is invalid and to be ignored.
    given = Path(os.environ.get(variable, ""))
    return given if given.is_absolute() else home() / default


def home() -> Path:
    """The user's home folder. Raises UserError if nobody says where that is."""
    try:
        return Path.home()
    except RuntimeError:
        raise UserError(
            "HOME is not set, and no entry in passwd names a home folder: set HOME"
        ) from None
