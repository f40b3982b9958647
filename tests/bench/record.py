"""Record a run on a sandbox of its own, for the page that shows its figures.

`python -m tests.bench.record scale --nodes 200 --pods 2000 --deadline 900` writes
recordings/scale.json: what the story's program measured, what a watch saw meanwhile,
the date, the machine, how busy it was and the hash of the programs.
`python -m tests.bench.record traffic` does the same for rolling updates under traffic,
without a watch. What follows the name is for the program.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kubernetes import client

from sandbox import lifecycle, run
from sandbox.story import load
from tests import machine
from tests.bench import node_counts
from tests.examples.watcher import Watcher

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Recorded:
    """A story of which a recording exists: the driver, and the programs that are run.

    The last of them is the one that measures. If `watched`, what it does to the nodes
    is recorded too, for a replay. `workers` are nodes beside the control plane's.
    """

    driver: str
    programs: tuple[str, ...]
    watched: bool = False
    workers: int | None = None


STORIES = {
    "scale": Recorded("kwok", ("01_roll_out.py",), watched=True),
    # On more than one node: each has to hear which Pods are going.
    "traffic": Recorded(
        "kind", ("01_programs.py", "02_create.py", "03_update.py"), workers=2
    ),
}


def recording(story: str) -> Path:
    """Where a story's recording is."""
    return ROOT / "recordings" / f"{story}.json"


def programs(story: str) -> list[Path]:
    """The programs of a recording, in order."""
    return [ROOT / "examples" / story / name for name in STORIES[story].programs]


def program_hash(story: str) -> str:
    """The SHA-256 of the programs that make the figures."""
    return hashlib.sha256(b"".join(p.read_bytes() for p in programs(story))).hexdigest()


def main() -> None:
    """Make a sandbox, run the programs, take the sandbox down, write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("story", choices=sorted(STORIES))
    options, more = parser.parse_known_args()
    before = program_hash(options.story)
    recorded = STORIES[options.story]
    namespace = load(ROOT / "examples" / options.story).namespace
    cluster = lifecycle.up(
        f"record-{options.story}", recorded.driver, workers=recorded.workers
    )
    try:
        with run.client_for(cluster.kubeconfig) as api:
            metadata = client.V1ObjectMeta(name=namespace)
            client.CoreV1Api(api).create_namespace(
                client.V1Namespace(metadata=metadata)
            )
        environment = {**os.environ, "KUBECONFIG": str(cluster.kubeconfig)}
        watcher = None
        if recorded.watched:
            watcher = Watcher(cluster.kubeconfig, namespace, node_counts.KINDS)
        measured = measure(programs(options.story), more, environment)
        if watcher:
            watcher.stop()
            if watcher.broken:
                raise RuntimeError(watcher.broken)
            program = programs(options.story)[-1]
            measured |= node_counts.recorded(watcher.in_order(), program)
    finally:
        # With all that is in it: quicker than deleting each Pod.
        lifecycle.down(cluster.name)
    about = {
        "driver": cluster.driver,
        "date": datetime.now(UTC).date().isoformat(),
        "program": before,
        **machine.described(),
    }
    text = json.dumps({**about, **measured}, separators=(",", ":"))
    recording(options.story).write_text(text + "\n")


def measure(
    paths: list[Path], more: list[str], environment: dict[str, str]
) -> dict[str, Any]:
    """Run these programs, and return what the last of them wrote down."""
    *earlier, last = paths
    with TemporaryDirectory() as folder:
        figures = Path(folder) / "figures.json"
        commands = [*([path] for path in earlier), [last, "--record", figures, *more]]
        for command in commands:
            subprocess.run([sys.executable, *command], env=environment, check=True)
        return json.loads(figures.read_text())


if __name__ == "__main__":
    main()
