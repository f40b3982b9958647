"""The scripts of the workflow distributions.yml, as far as they run without GitHub.

And what they and the pages fetch from elsewhere: it's compared with a known sum.
"""

import functools
import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.servers import QuietFiles, serving

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / ".github" / "distributions"
PROGRAM = b"#!/bin/sh\necho it runs\n"
SUM = hashlib.sha256(PROGRAM).hexdigest()


def test_each_system_of_the_workflow_has_its_script_and_its_entry() -> None:
    workflow = yaml.safe_load(
        (ROOT / ".github" / "workflows" / "distributions.yml").read_text()
    )
    systems = workflow["jobs"]["stories"]["strategy"]["matrix"]["system"]
    known = yaml.safe_load((ROOT / "facts" / "distributions.yaml").read_text())
    assert set(systems) <= {each["key"] for each in known["systems"]}
    for system in systems:
        assert (SCRIPTS / f"{system}.sh").stat().st_mode & 0o111


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the address where its files are."""
    folder = tmp_path / "served"
    folder.mkdir()
    with serving(functools.partial(QuietFiles, directory=folder)) as address:
        yield folder, address


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on PATH")
@pytest.mark.parametrize(
    ("sums", "says"),
    [
        pytest.param(f"{SUM}\n", None, id="a sum alone"),
        pytest.param(f"{'0' * 64}  other\n{SUM}  dist/tool\n", None, id="of several"),
        pytest.param(f"{'0' * 64}  tool\n", "is not the file", id="another sum"),
        pytest.param(f"{SUM}  other\n", "has no sum of tool", id="of others only"),
    ],
)
def test_download_is_kept_only_if_its_sum_is_right(
    served: tuple[Path, str], tmp_path: Path, sums: str, says: str | None
) -> None:
    folder, address = served
    (folder / "tool").write_bytes(PROGRAM)
    (folder / "sums").write_text(sums)
    target = tmp_path / "bin" / "tool"
    done = subprocess.run(
        [SCRIPTS / "download.sh", f"{address}/tool", f"{address}/sums", target],
        capture_output=True,
        text=True,
        timeout=60,
    )
    if says is None:
        assert (done.returncode, done.stderr) == (0, "")
        assert subprocess.check_output([target], text=True) == "it runs\n"
    else:
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert line.startswith("download: ")
        assert says in line
        assert not target.exists()


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on PATH")
@pytest.mark.parametrize("right", [True, False])
def test_download_is_compared_with_a_sum_of_ours(
    served: tuple[Path, str], tmp_path: Path, right: bool
) -> None:
    folder, address = served
    (folder / "tool").write_bytes(PROGRAM)
    target = tmp_path / "tool"
    done = subprocess.run(
        [
            SCRIPTS / "download.sh",
            f"{address}/tool",
            SUM if right else SUM[::-1],
            target,
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == (0 if right else 2), done.stderr
    assert target.exists() == right
    if not right:
        (line,) = done.stderr.splitlines()
        assert f"/tool is not the file that {SUM[::-1]} tells of" in line


FETCHES = re.compile(r"\b(?:curl|wget)\b|kubectl (?:apply|create)\b.*https?://")
FROM_ITS_TAG = "K3s publishes no sum of its script, which compares what it installs"
WITHOUT_SUM = {
    ("docs/distributions/k3s.md", "https://get.k3s.io"): "K3s' own command",
    (".github/distributions/k3s.sh", '"$script"'): FROM_ITS_TAG,
    (".github/distributions/kubeadm.sh", '"$packages/Release.key"'): (
        "the key by which apt checks the packages, from where Kubernetes publishes it"
    ),
}
"""What is fetched and not compared, and why."""


def blocks() -> Iterator[tuple[str, str]]:
    """What readers and the workflow paste or run in a shell, and where it stands."""
    for page in sorted((ROOT / "docs").rglob("*.md")):
        for fence in re.finditer(r"```sh\n(.*?)```", page.read_text(), re.S):
            yield str(page.relative_to(ROOT)), fence[1]
    for script in sorted(SCRIPTS.glob("*.sh")):
        yield str(script.relative_to(ROOT)), script.read_text()


def unchecked(block: str) -> list[str]:
    """What is fetched, where nothing is compared."""
    if "sha256sum --check" in block:
        return []
    lines = [line for line in block.splitlines() if FETCHES.search(line)]
    return [re.findall(r"https?://\S+|\"\$\S+\"", line)[0] for line in lines]


def test_what_is_fetched_is_compared_with_a_sum() -> None:
    without_sum = {
        (place, what) for place, block in blocks() for what in unchecked(block)
    }
    assert without_sum == {*WITHOUT_SUM}


def test_page_has_the_sum_that_its_script_has() -> None:
    page = (ROOT / "docs" / "distributions" / "kubeadm.md").read_text()
    script = (SCRIPTS / "kubeadm.sh").read_text()
    (file,) = re.findall(r"raw\.githubusercontent\.com(\S+)", page)
    (total,) = re.findall(r"\b[0-9a-f]{64}\b", page)
    assert f"=$raw{file}\nsum={total}\n" in script


@pytest.mark.parametrize(
    "block",
    [
        "curl -sfL https://get.example.com | sh -\n",
        "kubectl apply -f https://example.com/latest/all.yml\n",
        "wget https://example.com/tool\n",
    ],
)
def test_what_is_fetched_without_a_sum_is_found(block: str) -> None:
    assert unchecked(block)
