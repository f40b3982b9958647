"""`sandbox run` stops what a program says, and starts it again, whatever happens."""

import os
import signal
from pathlib import Path

import pytest

from sandbox import components
from tests.sandbox.conftest import World, finish, wait_until
from tests.sandbox.test_kwok import (
    known_leaders,
    kubeconfig_in,
    leaders,
    processes_of,
)

# The worker that looks at one cluster: here it is one of this module's own.
pytestmark = pytest.mark.xdist_group("kwok")

SETUP = """\
apiVersion: v1
kind: Namespace
metadata: { name: made-up }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: made-up, namespace: made-up }
"""

PROGRAM = '''\
# /// script
# requires-python = ">=3.11"
# dependencies = []
#
# [tool.sandbox]
# stopped = STOPPED
# ///
"""Say which of two components are running."""

import contextlib
import os
import time
from pathlib import Path

ours = os.environ["XDG_STATE_HOME"] + "/"
running = set()
for process in Path("/proc").glob("[0-9]*/cmdline"):
    with contextlib.suppress(OSError):  # it has ended meanwhile
        path = os.fsdecode(process.read_bytes().split(b"\\0")[0])
        if path.startswith(ours):
            running.add(Path(path).name)
print(*sorted(running & {"kube-scheduler", "metrics-server"}), flush=True)
'''

BOTH = '["metrics-server", "kube-scheduler"]'


@pytest.fixture(scope="module")
def up(shared_world: World) -> str:
    """The line that `up` printed."""
    done = shared_world.run("up", "--driver", "kwok")
    assert done.returncode == 0, done
    return done.stdout


def story(folder: Path, *stopped: str, then: str = "") -> Path:
    """A story with a program for each of `stopped`, which all end with `then`."""
    folder.mkdir()
    (folder / "setup.yaml").write_text(SETUP)
    for number, names in enumerate(stopped, start=1):
        text = PROGRAM.replace("STOPPED", names) + then
        (folder / f"{number:02}_running.py").write_text(text)
    return folder


def assert_all_run(world: World) -> None:
    assert processes_of(world).keys() == set(components.NAMES)
    assert "ready\n" in world.run("status").stdout


def test_components_are_those_of_a_sandbox(shared_world: World, up: str) -> None:
    error = shared_world.error("stop", "kubelet")
    names = ", ".join(components.NAMES)
    assert error == f"sandbox: there is no component 'kubelet': {names}"


def test_they_are_stopped_for_that_program_only(
    shared_world: World, up: str, tmp_path: Path
) -> None:
    folder = story(tmp_path / "made-up", "[]", BOTH, "[]")
    before = processes_of(shared_world)
    done = shared_world.run("run", str(folder))
    assert done.returncode == 0, done
    both = "kube-scheduler metrics-server"
    assert done.stdout.splitlines() == [both, "", both]
    says = "with metrics-server and kube-scheduler stopped"
    assert [says in line for line in done.stderr.splitlines()].count(True) == 1
    assert_all_run(shared_world)
    after = processes_of(shared_world)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"kube-scheduler", "metrics-server"}


def test_they_are_started_again_when_the_program_fails(
    shared_world: World, up: str, tmp_path: Path
) -> None:
    folder = story(tmp_path / "made-up", BOTH, then="raise SystemExit(3)\n")
    error = shared_world.run("run", str(folder))
    assert error.returncode == 2
    assert "01_running.py failed (exit code 3)" in error.stderr
    assert_all_run(shared_world)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_they_are_started_again_when_it_is_interrupted(
    shared_world: World, up: str, tmp_path: Path, number: signal.Signals
) -> None:
    # Its parent is uv, which is killed then.
    wait = "parent = os.getppid()\nwhile os.getppid() == parent:\n    time.sleep(0.1)\n"
    folder = story(tmp_path / "made-up", BOTH, then=wait)
    process = shared_world.start("run", str(folder))
    assert process.stdout is not None
    assert process.stdout.readline() == "\n"  # it runs, and neither of them does
    process.send_signal(number)
    done = finish(process)
    assert done.returncode == 130
    assert_all_run(shared_world)


def test_what_gives_up_meanwhile_is_started_again(shared_world: World, up: str) -> None:
    """As leaders do that can't renew their Leases; here it doesn't take 100 s."""
    led = known_leaders(kubeconfig_in(up))
    shared_world.run("stop", "etcd")
    for name in ("kube-scheduler", "kube-controller-manager", "metrics-server"):
        os.kill(processes_of(shared_world)[name], signal.SIGKILL)
    wait_until(lambda: len(processes_of(shared_world)) == 2)
    assert "ready, without etcd" in shared_world.run("status").stdout
    assert shared_world.run("start", "etcd").returncode == 0
    # A Lease that nobody gave back would still be that of the process killed.
    lead = leaders(kubeconfig_in(up))
    assert lead.keys() == led.keys()
    assert not {*lead.values()} & {*led.values()}
    assert_all_run(shared_world)


def test_what_was_stopped_before_stays_so(
    shared_world: World, up: str, tmp_path: Path
) -> None:
    folder = story(tmp_path / "made-up", BOTH)
    shared_world.run("stop", "kube-scheduler")
    try:
        assert shared_world.run("run", str(folder)).stdout == "\n"
        assert "ready, without kube-scheduler" in shared_world.run("status").stdout
    finally:
        shared_world.run("start", "kube-scheduler")
    assert_all_run(shared_world)


def test_without_an_api_server_nothing_is_run(
    shared_world: World, up: str, tmp_path: Path
) -> None:
    folder = story(tmp_path / "made-up", "[]")
    shared_world.run("stop", "kube-apiserver")
    try:
        error = shared_world.error("run", str(folder))
    finally:
        shared_world.run("start", "kube-apiserver")
    assert error == (
        "sandbox: the API server of default does not answer:"
        " see `sandbox status --name default`"
    )
    assert_all_run(shared_world)


def test_all_of_them_can_be_stopped_at_once(
    shared_world: World, up: str, tmp_path: Path
) -> None:
    names = ", ".join(f'"{name}"' for name in components.NAMES)
    before = processes_of(shared_world)
    done = shared_world.run("run", str(story(tmp_path / "made-up", f"[{names}]")))
    assert (done.returncode, done.stdout) == (0, "\n"), done
    assert_all_run(shared_world)
    assert not set(before.values()) & set(processes_of(shared_world).values())


@pytest.mark.parametrize(
    ("stopped", "says"),
    [
        (
            '["kube-schedular"]',
            f"'kube-schedular' can't be stopped: choose from "
            f"{', '.join(components.NAMES)}",
        ),
        ('"etcd"', 'stopped is not a list: write ["etcd"]'),
    ],
)
def test_what_is_no_component_is_told_in_a_line(
    shared_world: World, up: str, tmp_path: Path, stopped: str, says: str
) -> None:
    folder = story(tmp_path / "made-up", "[]", stopped)
    error = shared_world.error("run", str(folder))
    assert error == f"sandbox: {folder / '02_running.py'}: {says}"


def test_on_another_driver_the_program_is_not_run(
    shared_world: World, up: str, tmp_path: Path
) -> None:
    config = kubeconfig_in(up)
    named = ("--name", "other", "--context", "sandbox-default")
    options = ("--driver", "current", *named)
    made = shared_world.run("up", *options, KUBECONFIG=str(config))
    assert made.returncode == 0, made
    folder = story(tmp_path / "made-up", BOTH, "[]")
    done = shared_world.run("run", str(folder), *named)
    assert shared_world.run("down", "--name", "other").returncode == 0
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["kube-scheduler metrics-server"]
    assert (
        "01_running.py: not run, it needs metrics-server and kube-scheduler to be"
        " stopped, which the driver current can't do"
    ) in done.stderr
    assert "1 of 2 programs ran" in done.stderr
    assert "made-up" in done.stderr
