"""Record a run at scale, on a sandbox of its own, for the page that plots it.

`python -m tests.bench.record_scale --nodes 200 --pods 2000` writes
recordings/scale.json: what examples/scale/01_roll_out.py measured, with the date, the
machine, how busy it was and the hash of the program.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from kubernetes import client

from sandbox import lifecycle, run

ROOT = Path(__file__).parent.parent.parent
PROGRAM = ROOT / "examples" / "scale" / "01_roll_out.py"
RECORD = ROOT / "recordings" / "scale.json"


def program_hash() -> str:
    """The SHA-256 of the program that makes the figures."""
    return hashlib.sha256(PROGRAM.read_bytes()).hexdigest()


def main() -> None:
    """Make a sandbox, run the program, take the sandbox down, write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=200)
    parser.add_argument("--pods", type=int, default=2000)
    options = parser.parse_args()
    cluster = lifecycle.up("scale", driver="kwok")
    try:
        with run.client_for(cluster.kubeconfig) as api:
            namespace = client.V1Namespace(metadata=client.V1ObjectMeta(name="scale"))
            client.CoreV1Api(api).create_namespace(namespace)
        with TemporaryDirectory() as folder:
            figures = Path(folder) / "figures.json"
            before = program_hash()
            numbers = [f"--nodes={options.nodes}", f"--pods={options.pods}"]
            subprocess.run(
                [
                    sys.executable,
                    PROGRAM,
                    *numbers,
                    "--deadline=900",
                    "--record",
                    figures,
                ],
                env={**os.environ, "KUBECONFIG": str(cluster.kubeconfig)},
                check=True,
            )
            measured = json.loads(figures.read_text())
    finally:
        # With all that is in it: quicker than deleting each Pod.
        lifecycle.down(cluster.name)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    about = {
        "driver": cluster.driver,
        "date": datetime.now(UTC).date().isoformat(),
        "program": before,
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30),
        # Of the last 15 minutes: processes that ran or wanted to.
        "load": round(os.getloadavg()[2], 1),
    }
    RECORD.write_text(json.dumps({**about, **measured}) + "\n")


if __name__ == "__main__":
    main()
