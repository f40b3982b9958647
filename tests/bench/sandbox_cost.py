"""How fast is a sandbox up and down, and how much memory does it need at rest?"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sandbox import folders, processes
from tests.bench.row import Row

NAME = "bench"
ROUNDS = 5
REST_SECONDS = 30
COMMAND_SECONDS = 1800
"""The first start may have to build the binaries."""


def rows() -> list[Row]:
    """Start and stop a sandbox of the benchmark's own, on kwok.

    Its state is in a temporary folder, so that no sandbox of yours is touched.
    """
    with TemporaryDirectory(prefix="kubernetes-overview-bench-") as state:
        os.environ["XDG_STATE_HOME"] = state
        try:
            # Not counted: it builds or downloads what is not in the cache yet.
            _run("up", "--driver", "kwok")
            _run("down")
            up, down, memory = _rounds()
        except subprocess.CalledProcessError as error:
            failed = f"failed: {_last_line(error.stderr)}"
            return [Row("sandbox on kwok", "", failed)]
        finally:
            _run("down")
    how = f"median of {ROUNDS}, binaries cached"
    return [
        Row("sandbox up, kwok", "<= 4 s", f"{median(up):.1f} s", _spread(how, up)),
        Row("sandbox down, kwok", "<= 2 s", f"{median(down):.1f} s", _spread("", down)),
        Row(
            "control plane at rest",
            "<= 650 MB",
            f"{memory.proportional / 1e6:.0f} MB",
            f"PSS of its {memory.processes} processes, {REST_SECONDS} s after the start"
            f"; RSS, which no other sandbox lowers, {memory.resident / 1e6:.0f} MB",
        ),
    ]


@dataclass(frozen=True)
class Memory:
    """Bytes of memory of some processes.

    Proportional counts what several share, such as the program in memory, once;
    resident counts it for each. https://docs.kernel.org/filesystems/proc.html
    """

    processes: int
    proportional: int
    resident: int


def _rounds() -> tuple[list[float], list[float], Memory]:
    up: list[float] = []
    down: list[float] = []
    for _ in range(ROUNDS - 1):
        up.append(_run("up", "--driver", "kwok"))
        down.append(_run("down"))
    up.append(_run("up", "--driver", "kwok"))
    time.sleep(REST_SECONDS)
    memory = _memory(processes.started_for(folders.state() / NAME))
    down.append(_run("down"))
    return up, down, memory


def _run(action: str, *options: str) -> float:
    """Seconds that a command of the sandbox took."""
    started = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "sandbox", action, "--name", NAME, *options],
        check=True,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
    )
    return time.monotonic() - started


def _memory(pids: list[int]) -> Memory:
    """The memory of processes, of which /proc/PID/smaps_rollup tells in kB."""
    rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids]

    def total(field: str) -> int:
        lines = (line for rollup in rollups for line in rollup.splitlines())
        return sum(1024 * int(t.split()[1]) for t in lines if t.startswith(field))

    return Memory(len(pids), total("Pss:"), total("Rss:"))


def _spread(how: str, seconds: list[float]) -> str:
    between = f"{min(seconds):.1f} to {max(seconds):.1f} s"
    return f"{how}, {between}" if how else between


def _last_line(text: str | None) -> str:
    return (text or "").strip().rpartition("\n")[2]
