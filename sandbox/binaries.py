"""The programs that a sandbox is made of: found, downloaded or built.

Versions are pinned by the go.mod files under `go/`. A program lies in the cache under
its module's version, is downloaded from where its project publishes it, and where
that can't be reached is built from the pinned modules. Two processes never fetch at
the same time, and what is in the cache is always whole.
"""

import platform
import re
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sandbox import folders, processes
from sandbox.errors import UserError
from sandbox.progress import say

GO_MODULES = Path(__file__).with_name("go")


@dataclass(frozen=True, eq=False)
class Module:
    """A Go module with the programs that are wanted from it.

    `name` is its folder under `go/`, `path` the module which that folder's go.mod
    pins, `programs` maps a program to the package that it is built from.
    """

    name: str
    path: str
    programs: dict[str, str]

    @property
    def version(self) -> str:
        """The pinned version, such as "v1.37.2"."""
        file = GO_MODULES / self.name / "go.mod"
        try:
            text = file.read_text()
        except OSError:
            raise UserError(
                f"{file} is missing: the sandbox runs from a clone of its repository"
            ) from None
        pin = rf"^(?:require)?\s+{re.escape(self.path)} (v\S+)"
        found = re.search(pin, text, re.MULTILINE)
        if not found:
            raise UserError(f"{file} does not require {self.path}: restore the file")
        return found[1]

    @property
    def folder(self) -> Path:
        """Where its programs are once they are there; absent until then."""
        return folders.cache() / "bin" / architecture() / f"{self.name}-{self.version}"


_MODULES = (
    Module("etcd", "go.etcd.io/etcd/server/v3", {"etcd": "go.etcd.io/etcd/server/v3"}),
    Module(
        "kwok",
        "sigs.k8s.io/kwok",
        {
            "kwok": "sigs.k8s.io/kwok/cmd/kwok",
            "kwokctl": "sigs.k8s.io/kwok/cmd/kwokctl",
        },
    ),
    Module(
        "kubernetes",
        "k8s.io/kubernetes",
        {
            "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
            "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
            "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
            "kubectl": "k8s.io/kubernetes/cmd/kubectl",
        },
    ),
    Module(
        "metrics-server",
        "sigs.k8s.io/metrics-server",
        {"metrics-server": "sigs.k8s.io/metrics-server/cmd/metrics-server"},
    ),
    Module("kind", "sigs.k8s.io/kind", {"kind": "sigs.k8s.io/kind"}),
)

_OWNERS = {program: module for module in _MODULES for program in module.programs}


def find(program: str) -> Path:
    """The path of a program, which is fetched first if it is not in the cache."""
    return find_all(program)[program]


def find_all(*programs: str) -> dict[str, Path]:
    """The paths of several programs; those that are missing are fetched first.

    That takes a minute or so where they can be downloaded, and about ten minutes on
    two cores where they must be built. Raises UserError if neither works.
    """
    wanted = list(dict.fromkeys(_OWNERS[program] for program in programs))
    if _missing(wanted):
        with _alone():
            # Another process may have fetched them while this one waited.
            missing = _missing(wanted)
            for number, module in enumerate(missing, 1):
                _fetch(module, f"{number} of {len(missing)}", missing)
    return {program: _OWNERS[program].folder / program for program in programs}


def fetch_all() -> None:
    """Fetch every program that is missing. Raises UserError as `find_all` does."""
    find_all(*_OWNERS)


@cache
def version(module: str) -> str:
    """The pinned version of a module by its folder's name, such as "kubernetes"."""
    return next(m for m in _MODULES if m.name == module).version


@cache
def architecture() -> str:
    """This machine's architecture in Go's words: "amd64" or "arm64"."""
    machine = platform.machine()
    names = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
    if platform.system() != "Linux" or machine not in names:
        raise UserError(
            f"the sandbox runs on Linux on amd64 or arm64, not on"
            f" {platform.system()} {machine}: use another machine"
        )
    return names[machine]


def _missing(modules: list[Module]) -> list[Module]:
    return [module for module in modules if not module.folder.exists()]


def _fetch(module: Module, count: str, all_missing: list[Module]) -> None:
    from sandbox import builds, downloads

    root = module.folder.parent
    root.mkdir(parents=True, exist_ok=True)
    for left in root.glob("*.part-*"):  # of a run that was killed
        processes.end(left)
        shutil.rmtree(left, ignore_errors=True)
    what = f"{count}: {module.name} {module.version}"
    part = Path(tempfile.mkdtemp(prefix=f"{module.folder.name}.part-", dir=root))
    try:
        if not downloads.fetch(module, part, what):
            builds.build(module, part, what, all_missing)
        part.chmod(0o755)
        part.rename(module.folder)
    finally:
        processes.end(part)
        shutil.rmtree(part, ignore_errors=True)


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
