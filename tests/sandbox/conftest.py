"""A command line to test, in a world of its own."""

import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from sandbox import folders, kubeconfig
from tests.conftest import run_directory
from tests.run_folder import MARK
from tests.servers import Quiet, QuietFiles, serving


@dataclass
class World:
    """Temporary home and state folders, and the real cache unless it is replaced.

    The state folder has a space in its path, so that whatever does not quote fails.
    """

    root: Path
    environment: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        kube = self.home / ".kube"
        kube.mkdir(parents=True)
        (kube / "config").write_text("# the user's own\n")
        keep = ("PATH", "UV", "LANG", "SANDBOX_NODE_IMAGE", MARK)
        self.environment |= {k: v for k in keep if (v := os.environ.get(k))}
        self.environment |= {
            "HOME": str(self.home),
            "XDG_STATE_HOME": str(self.state_home),
            "XDG_CACHE_HOME": str(folders.cache().parent),
        }

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def state_home(self) -> Path:
        return self.root / "a state"

    @property
    def sandboxes(self) -> Path:
        return self.state_home / "kubernetes-overview" / "sandboxes"

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Starts `python -m sandbox` with these arguments."""
        return self.start_python("-m", "sandbox", *arguments, **environment)

    def start_python(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            env=self.environment | more,
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Who runs the suite in the background has it ignored, and so would we.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Runs the command to its end."""
        return finish(self.start(*arguments, **more))

    def error(self, *arguments: str, **environment: str) -> str:
        """The one line that the command prints in its last breath; it must exit 2."""
        done = self.run(*arguments, **environment)
        assert done.returncode == 2, done
        assert done.stdout == after_failure(arguments[0])
        assert "Traceback" not in done.stderr
        return done.stderr.splitlines()[-1]

    def traces(self) -> list[str]:
        """Processes that have to do with this world, and files that up has made."""
        own = str(self.root).encode()
        traces: list[str] = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal() or int(entry.name) == os.getpid():
                continue
            try:
                command = (entry / "cmdline").read_bytes()
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if own in command or own in environment:
                traces.append(command.replace(b"\0", b" ").decode(errors="replace"))
        if self.sandboxes.exists():
            traces += [str(path) for path in self.sandboxes.iterdir()]
        return traces

    def remove(self) -> None:
        for folder in self.sandboxes.glob("*"):
            self.run("down", "--name", folder.name)


def after_failure(command: str) -> str:
    """What a command that has failed prints for the shell that evaluates it."""
    return "false\n" if command in ("up", "env") else ""


def finish(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    out, err = process.communicate(timeout=400)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def wait_until(is_so: Callable[[], object], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, f"not so after {seconds} s"
        time.sleep(0.05)


def current_sandbox(world: World, server: str, name: str = "default") -> Path:
    """Writes down a sandbox of the driver current, without a cluster to ask first.

    Returns its folder. The context is called "mine".
    """
    folder = world.sandboxes / name
    folder.mkdir(parents=True)
    state = {
        "driver": "current",
        "kubernetes": "v1.2.3",
        "created": "2026-01-01T00:00:00+00:00",
        "capabilities": ["containers"],
        "nodes": 3,
        "request": {"context": "mine"},
    }
    (folder / "state.json").write_text(json.dumps(state))
    kubeconfig.write(
        folder / "kubeconfig",
        {"name": "mine", "context": {"cluster": "c", "user": "u"}},
        {"name": "c", "cluster": {"server": server}},
        {"name": "u", "user": {"token": "a-token"}},
    )
    return folder


@contextmanager
def answering(status: int, body: bytes = b"{}") -> Generator[str]:
    """The address of a server that answers every request, CONNECT too, in one way."""

    class Handler(Quiet):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.answer(status, body)

        do_POST = do_DELETE = do_CONNECT = do_GET

    with serving(Handler) as address:
        yield address


def program(folder: Path, name: str, script: str) -> Path:
    """Writes a shell script that stands in for a program."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}")
    file.chmod(0o755)
    return file


def _made(config: pytest.Config) -> Iterator[World]:
    # In the run's own folder, so that what a killed run leaves of it is found.
    root = config.stash[run_directory] / "worlds" / uuid4().hex
    made = World(root)
    yield made
    made.remove()
    assert made.traces() == []
    shutil.rmtree(root)


@pytest.fixture
def world(pytestconfig: pytest.Config) -> Iterator[World]:
    yield from _made(pytestconfig)


@pytest.fixture(scope="module")
def shared_world(pytestconfig: pytest.Config) -> Iterator[World]:
    """One for all tests of a module that only look at what is up."""
    yield from _made(pytestconfig)


@pytest.fixture
def mirror(world: World) -> Iterator[Path]:
    """A folder that a local server publishes, from which the world downloads."""
    folder = world.root / "mirror"
    folder.mkdir()
    with serving(functools.partial(QuietFiles, directory=folder)) as address:
        world.environment["SANDBOX_DOWNLOADS"] = address
        yield folder
