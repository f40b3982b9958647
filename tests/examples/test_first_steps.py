"""What the page "First steps" says that a reader sees between its programs."""

import os
import re
import shlex
import subprocess
from pathlib import Path

from sandbox import binaries
from sandbox.cluster import Cluster
from tests import copies
from tests.examples.place import EXAMPLES, SECONDS

STORY = EXAMPLES / "first-steps"
PAGE = EXAMPLES.parent / "docs" / "first-steps.md"


def test_lines_of_the_page_show_the_pods(cluster: Cluster) -> None:
    """As they're typed after `sandbox up`, but in a Namespace of another name."""
    (block,) = re.findall(r"^```sh\n(eval .*?)^```", PAGE.read_text(), re.M | re.S)
    _, folder, *lines, look = renamed(block).splitlines()
    assert folder == f"cd examples/{STORY.name}"
    copy = copies.of(STORY, "typed")
    for path in [copy / "setup.yaml", *copy.glob("*.py")]:
        path.write_text(renamed(path.read_text()))
    try:
        for line in lines:
            typed(line, copy, cluster)
        before = typed(look, copy, cluster)
        typed("uv run 06_break.py", copy, cluster)
        after = typed(look, copy, cluster)
    finally:
        typed("kubectl delete --ignore-not-found -f setup.yaml", copy, cluster)
    assert re.findall(r"^deployment\.apps/hello +2/2", before, re.M)
    assert re.findall(r"^pod/.* (\w+) +0 ", before, re.M) == ["Running"] * 2
    waiting, *others = sorted(re.findall(r"^pod/.* (\w+) +0 ", after, re.M))
    # The kubelet alternates between them.
    assert waiting in ("ErrImagePull", "ImagePullBackOff")
    assert others == ["Running", "Running"]


def renamed(text: str) -> str:
    return text.replace("overview-first-steps", "overview-first-steps-typed")


def typed(line: str, folder: Path, cluster: Cluster) -> str:
    """Run a line in a folder, and return what it printed."""
    path = os.pathsep.join([str(binaries.find("kubectl").parent), os.environ["PATH"]])
    done = subprocess.run(
        shlex.split(line),
        cwd=folder,
        env={**os.environ, **cluster.environment, "PATH": path},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout
