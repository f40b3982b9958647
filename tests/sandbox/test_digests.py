"""`make digests` writes down what comes, and nothing that was said to be otherwise."""

import fnmatch
import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest

from sandbox import downloads, modules
from tests.sandbox import publish
from tests.sandbox.conftest import World, finish

WRITE = """
import sys
from pathlib import Path
from sandbox import digests, downloads
package = Path(sys.argv[1])
downloads.RECORDED = package / "digests.txt"
digests.write(package)
"""

MINORS = [
    f"1.{int(modules.kubernetes_minor().partition('.')[2]) - older}"
    for older in (4, 3, 2, 1, 0)
]
IMAGES = {
    minor: f"kindest/node:v{minor}.1@sha256:{str(number) * 64}"
    for number, minor in enumerate(MINORS)
}


@pytest.fixture
def package(world: World, mirror: Path) -> Path:
    """Where the files are written, with all that is published on the mirror."""
    for arch in modules.ARCHITECTURES:
        publish.everything(mirror, arch)
    minor = int(modules.kubernetes_minor().partition(".")[2])
    newer = f"kindest/node:v1.{minor + 1}.0@sha256:{'f' * 64}"
    notes = "\n".join(f"- `{image}`" for image in (*IMAGES.values(), newer))
    version = modules.version("kind")
    path = f"api.github.com/repos/kubernetes-sigs/kind/releases/tags/{version}"
    publish.file(mirror, path, json.dumps({"body": notes}).encode())
    folder = world.root / "package"
    (folder / "drivers").mkdir(parents=True)
    return folder


def write(world: World, package: Path) -> subprocess.CompletedProcess[str]:
    return finish(world.start_python("-c", WRITE, str(package)))


def test_sums_and_node_images_are_written_and_stay_the_same(
    world: World, package: Path
):
    done = write(world, package)
    assert done.returncode == 0, done
    written = (package / "digests.txt").read_text()
    sums = dict(line.split() for line in written.splitlines() if line[0] != "#")
    program = f"sha256:{hashlib.sha256(publish.PROGRAM).hexdigest()}"
    assert len(sums) == sum(len(m.programs) for m in modules.MODULES) * 2
    assert {name for name, digest in sums.items() if digest != program} == {
        name for name in sums if name.endswith(".tar.gz")
    }
    images = json.loads((package / "drivers" / "node-images.json").read_text())
    # The three newest, without the one that is newer than the pinned Kubernetes.
    assert images == {v: IMAGES[v] for v in MINORS[-3:]}
    # What it writes is what the repository has.
    head = [line for line in written.splitlines() if line[0] == "#"]
    assert downloads.RECORDED.read_text().splitlines()[: len(head)] == head
    assert write(world, package).returncode == 0
    assert (package / "digests.txt").read_text() == written


def test_each_recorded_sum_is_of_a_program_that_is_published() -> None:
    """Under another name it would never be compared."""
    published = {
        module.published.format(version="v*", program=program, arch=arch)
        for module in modules.MODULES
        for program in module.programs
        for arch in modules.ARCHITECTURES
    }
    for line in downloads.RECORDED.read_text().splitlines():
        if not line.startswith("#"):
            address, digest = line.split()
            assert any(fnmatch.fnmatchcase(address, name) for name in published), line
            assert re.fullmatch("sha256:[0-9a-f]{64}", digest), line


@pytest.mark.parametrize("name", ["kubectl", "kwokctl-linux-arm64"])
def test_a_file_that_is_not_what_it_was_said_to_be_ends_it(
    world: World, package: Path, mirror: Path, name: str
):
    """By its project, or by what was written down before."""
    if name.startswith("kwok"):
        assert write(world, package).returncode == 0
    before = {path: path.read_text() for path in package.rglob("*.*")}
    next(mirror.rglob(name)).write_bytes(b"tampered with")
    done = write(world, package)
    assert done.returncode == 1
    assert f"/{name} has sha256:" in done.stderr.splitlines()[-1]
    assert "find out why" in done.stderr
    assert {path: path.read_text() for path in package.rglob("*.*")} == before


def test_notes_without_an_image_end_it(world: World, package: Path, mirror: Path):
    next((mirror / "api.github.com").rglob("v*")).write_text('{"body": "none"}')
    done = write(world, package)
    assert done.returncode == 1
    assert "names no node image up to 1." in done.stderr.splitlines()[-1]
    assert not list(package.rglob("*.*"))
