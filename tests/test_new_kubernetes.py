"""Another version of Kubernetes is written wherever the one before stood."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.new_kubernetes import MODULE, ROOT, pinned, rewrite
from tests.test_versions import KUBERNETES

OTHER = "1.36.3"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A clone of this repository."""
    path = tmp_path / "a clone"
    subprocess.run(
        ["git", "clone", "--quiet", "--shared", ROOT, path], check=True, timeout=60
    )
    return path


def require(tree: Path, version: str) -> None:
    """Pin a version without fetching its modules, which takes a network and 10 s."""
    module = tree / MODULE
    module.write_text(module.read_text().replace(f"v{pinned(tree)}", f"v{version}"))


def test_it_is_changed_everywhere_and_back_again(tree: Path) -> None:
    to_read = rewrite(tree, OTHER)
    for name in to_read:
        assert KUBERNETES not in (tree / name).read_text()
    assert "docs/rollouts.md" in to_read
    client = "kubernetes>="  # in two parts: this file is rewritten, too
    assert f"{client}36,<37" in (tree / "pyproject.toml").read_text()
    for program in (tree / "examples").glob("*/*.py"):
        assert f"{client}37" not in program.read_text()
    require(tree, OTHER)
    rewrite(tree, KUBERNETES)
    require(tree, KUBERNETES)
    assert changes(tree) == []


def changes(tree: Path) -> list[str]:
    """The files that differ from what is committed."""
    listed = subprocess.check_output(
        ["git", "diff", "--name-only"], cwd=tree, text=True, timeout=60
    )
    return listed.splitlines()


@pytest.mark.parametrize(
    ("version", "says"),
    [
        ("", "VERSION= is none: write it as 1.38.0"),
        ("v1.38", "VERSION=v1.38 is none: write it as 1.38.0"),
        ("1.38.0", "there are changes that are not committed: commit them first"),
    ],
)
def test_mistake_changes_nothing(tree: Path, version: str, says: str) -> None:
    (tree / "README.md").write_text("mine")
    done = subprocess.run(
        [sys.executable, "-m", "tests.new_kubernetes", version, "--tree", tree],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == f"new_kubernetes: {says}\n"
    assert changes(tree) == ["README.md"]
