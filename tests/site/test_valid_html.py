"""Is each page valid HTML? html-validate says, by the rules in valid_html/."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.site.conftest import Published

HERE = Path(__file__).parent / "valid_html"
NPM = shutil.which("npm")


def test_pages_are_valid_html(
    published: Published, unpublished: Path, tmp_path: Path
) -> None:
    if NPM is None:
        why = "no npm on PATH (it comes with Node.js 20.19 or newer)"
        # Where nobody reads what was skipped, it must not be.
        pytest.fail(why, pytrace=False) if os.environ.get("CI") else pytest.skip(why)
    # Beside its rules, so that it finds its packages; not in this tree.
    tool = tmp_path / "valid_html"
    shutil.copytree(HERE, tool, ignore=shutil.ignore_patterns("node_modules"))
    for folder in (published.folder, unpublished):
        shutil.copytree(
            folder,
            tool / folder.name,
            ignore=lambda at, names: [
                n for n in names if not n.endswith(".html") and not Path(at, n).is_dir()
            ],
        )
    installed = run([NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], tool)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    command = [tool / "node_modules" / ".bin" / "html-validate", "-f", "text"]
    done = run([*command, "**/index.html", "**/404.html"], tool)
    # A finding begins with its page.
    assert done.returncode == 0, (done.stdout + done.stderr).replace(f"{tool}/", "")


def run(command: list[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, with a deadline."""
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
