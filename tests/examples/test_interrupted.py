"""A run of the suite that is ended in the middle leaves nothing, at the latest when the
next one has begun.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import processes, waiting
from tests import machine
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


@pytest.fixture
def small(tmp_path: Path) -> SmallSuite:
    """A story whose program says that it runs, by a file, and then waits."""
    suite = SmallSuite(tmp_path / "tree")
    program = SmallStory(suite).program
    wait = WAIT.format(started=tmp_path / "started")
    program.write_text(program.read_text() + wait)
    return suite


# A cluster of its own for each: where both drivers run, that which leaves the most.
@pytest.mark.last_driver
@pytest.mark.xdist_group(machine.BUSY)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_run_that_is_ended_leaves_nothing(
    small: SmallSuite, driver: str, number: signal.Signals, tmp_path: Path
) -> None:
    if driver == "current":
        pytest.skip("the cluster is not the suite's to make")
    # All that they make in the temporary folder is seen there.
    environment = os.environ | {"TMPDIR": str(small.temporary)}
    log = tmp_path / "log"
    with log.open("w") as output:
        run = subprocess.Popen(
            small.command("-n", "2", "--sandbox", driver),
            cwd=small.root,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            # As a terminal has it: Ctrl-C is for the whole group.
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def lacking() -> str | None:
        there = (tmp_path / "started").exists() or run.poll() is not None
        return None if there else log.read_text()

    try:
        waiting.until("the program", lacking, SECONDS)
    except waiting.TimedOut:
        run.terminate()
        run.wait(SECONDS)
        raise
    assert run.poll() is None, log.read_text()
    (folder,) = small.left()
    assert processes.started_for(folder, MARK)
    (sandbox,) = folder.glob("state/kubernetes-overview/sandboxes/*")
    send = os.killpg if number == signal.SIGINT else os.kill
    send(run.pid, number)
    run.wait(SECONDS)
    if number == signal.SIGKILL:
        following = subprocess.run(
            [sys.executable, "-m", "pytest", "-n", "0", "--collect-only", "-k", "none"],
            cwd=small.root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        message = "found what a killed run had left"
        assert f"{message}: {folder.name}: sandbox {sandbox.name}" in following.stdout
    assert not processes.started_for(folder, MARK), log.read_text()
    assert not small.left(), log.read_text()
    if driver == "kind":
        listed = subprocess.run(
            ["docker", "ps", "--all", "--format", "{{.Names}}"],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        assert f"sandbox-{sandbox.name}-" not in listed.stdout
