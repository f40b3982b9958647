"""The programs that a sandbox is made of: found in the cache, downloaded or built.

A program lies in the cache under its module's version, with its SHA-256 sum beside it,
by which it is known again whenever it is to be started. It is downloaded from where its
project publishes it, if its sum is known beforehand. Where that can't be done, it is
built from the pinned modules, which Go compares with go.sum. Two processes never fetch
at the same time, and what is in the cache is always whole.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Collection, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from sandbox import folders, processes
from sandbox.errors import UserError
from sandbox.modules import MODULES, Module
from sandbox.progress import say

_SUMS = "SHA256SUMS"
"""The file beside a module's programs; `sha256sum --check` reads it as well."""

_OWNERS = {program: module for module in MODULES for program in module.programs}


def find(program: str) -> Path:
    """The path of a program, which is fetched first if it is not in the cache."""
    return find_all(program)[program]


def find_all(*programs: str) -> dict[str, Path]:
    """The paths of several programs; those that are missing are fetched first.

    That takes a minute or so where they can be downloaded, and about ten minutes on
    two cores where they must be built. Raises UserError if neither works, or if a
    program is not what it was when it was fetched.
    """
    wanted = list(dict.fromkeys(_OWNERS[program] for program in programs))
    if _missing(wanted):
        with _alone():
            # Another process may have fetched them while this one waited.
            missing = _missing(wanted)
            for number, module in enumerate(missing, 1):
                _fetch(module, f"{number} of {len(missing)}", missing)
    paths = {program: _OWNERS[program].folder / program for program in programs}
    require_unchanged(list(paths.values()))
    return paths


def fetch_all() -> None:
    """Fetch every program that is missing. Raises UserError as `find_all` does."""
    find_all(*_OWNERS)


def _missing(modules: list[Module]) -> list[Module]:
    # What has no sums was fetched before there were any: nobody knows what it is.
    return [module for module in modules if not (module.folder / _SUMS).exists()]


def _fetch(module: Module, count: str, all_missing: list[Module]) -> None:
    from sandbox import downloads, from_source

    root = module.folder.parent
    root.mkdir(parents=True, exist_ok=True)
    for left in root.glob("*.part-*"):  # of a run that was killed
        processes.end(left)
        shutil.rmtree(left, ignore_errors=True)
    what = f"{count}: {module.name} {module.version}"
    part = Path(tempfile.mkdtemp(prefix=f"{module.folder.name}.part-", dir=root))
    try:
        if not downloads.fetch(module, part, what):
            from_source.build(module, part, what, all_missing)
        sums = (f"{_sum(part / program)}  {program}\n" for program in module.programs)
        (part / _SUMS).write_text("".join(sums))
        part.chmod(0o755)
        if module.folder.exists():
            say(f"{module.folder} has no {_SUMS}: what was just fetched replaces it")
            shutil.rmtree(module.folder)
        part.rename(module.folder)
    finally:
        processes.end(part)
        shutil.rmtree(part, ignore_errors=True)


def require_unchanged(files: Collection[Path]) -> None:
    """Raises UserError if a file's sum is not the one that was noted beside it."""
    # Reading 400 MB is most of it, and the sum is computed without Python's lock.
    with ThreadPoolExecutor() as threads:
        for file, digest in zip(files, threads.map(_sum, files), strict=True):
            if f"{digest}  {file.name}\n" not in (file.parent / _SUMS).read_text():
                raise UserError(
                    f"{file} has changed since it was fetched, by its SHA-256 sum:"
                    f" delete the folder {file.parent} to fetch it again"
                )


def _sum(file: Path) -> str | None:
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except FileNotFoundError:
        return None


@contextmanager
def _alone() -> Generator[None]:
    from filelock import FileLock, Timeout

    locks = folders.cache() / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    lock = FileLock(locks / "binaries.lock")
    try:
        lock.acquire(timeout=0.1)
    except Timeout:
        say("another process is fetching the programs: waiting for it")
        try:
            lock.acquire(timeout=3600)
        except Timeout:
            raise UserError(
                "another process has been fetching programs for an hour: end it first"
            ) from None
    try:
        yield
    finally:
        lock.release()
