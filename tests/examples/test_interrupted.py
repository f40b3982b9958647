"""A run of the suite that is ended in the middle leaves nothing, at the latest when the
next one has begun."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox import processes
from tests.examples.small_story import SmallStory, SmallSuite
from tests.run_folder import MARK

SECONDS = 300

WAIT = """
import time

print("{started}")
#> {started}
open("{started}", "w").close()
time.sleep(3600)
"""


def wait_until(what: str, is_so: Callable[[], object]) -> None:
    until = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < until, f"not {what} after {SECONDS} s"
        time.sleep(0.1)


@pytest.fixture
def waiting(tmp_path: Path) -> SmallSuite:
    """A story whose program says that it runs, by a file, and then waits."""
    suite = SmallSuite(tmp_path / "tree")
    program = SmallStory(suite).program
    wait = WAIT.format(started=tmp_path / "started")
    program.write_text(program.read_text() + wait)
    return suite


# A cluster of its own for each: where both drivers run, that which leaves the most.
@pytest.mark.last_driver
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_run_that_is_ended_leaves_nothing(
    waiting: SmallSuite, driver: str, number: signal.Signals, tmp_path: Path
) -> None:
    if driver == "current":
        pytest.skip("the cluster is not the suite's to make")
    # All that they make in the temporary folder is seen there.
    environment = os.environ | {"TMPDIR": str(waiting.temporary)}
    log = tmp_path / "log"
    with log.open("w") as output:
        run = subprocess.Popen(
            waiting.command("-n", "2", "--sandbox", driver),
            cwd=waiting.root,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            # As a terminal has it: Ctrl-C is for the whole group.
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
    wait_until(
        f"at the program: {log.read_text()}",
        lambda: (tmp_path / "started").exists() or run.poll() is not None,
    )
    assert run.poll() is None, log.read_text()
    (folder,) = waiting.left()
    assert processes.started_for(folder, MARK)
    (sandbox,) = folder.glob("state/kubernetes-overview/sandboxes/*")
    send = os.killpg if number == signal.SIGINT else os.kill
    send(run.pid, number)
    run.wait(SECONDS)
    if number == signal.SIGKILL:
        following = subprocess.run(
            [sys.executable, "-m", "pytest", "-n", "0", "--collect-only", "-k", "none"],
            cwd=waiting.root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        said = "removed what a killed run had left"
        assert f"{said}: {folder.name}: sandbox {sandbox.name}" in following.stdout
    assert not processes.started_for(folder, MARK), log.read_text()
    assert not waiting.left(), log.read_text()
    if driver == "kind":
        listed = subprocess.run(
            ["docker", "ps", "--all", "--format", "{{.Names}}"],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        assert f"sandbox-{sandbox.name}-" not in listed.stdout
