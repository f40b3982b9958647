"""The steps of CONTRIBUTING.md that add a story, done as they stand there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import drivers

ROOT = Path(__file__).parent.parent
FENCE = re.compile(
    r"^(?P<ticks>`{3,})(?P<language>\w+)\n(?P<text>.*?)^\1$", re.M | re.S
)


@pytest.mark.slow
@pytest.mark.xdist_group("contributing")
def test_guide_adds_a_story(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    driver = drivers.chosen(request.config)[0]
    if driver == "current":
        pytest.skip("the guide runs on a sandbox of its own")
    tree = tmp_path / "tree"
    not_copied = shutil.ignore_patterns(".*", "build", "__pycache__")
    shutil.copytree(ROOT, tree, ignore=not_copied)
    outer = ("MAKE", "MFLAGS", "PYTEST_", "KUBECONFIG")
    env = {k: v for k, v in os.environ.items() if not k.startswith(outer)} | {
        "SANDBOX": driver,
        "UV_PROJECT_ENVIRONMENT": sys.prefix,
        "UV_NO_SYNC": "1",
    }
    steps = list(FENCE.finditer((tree / "CONTRIBUTING.md").read_text()))
    assert [step["language"] for step in steps] == ["sh"] * 4 + ["yaml", "sh"]
    for step in steps:
        if step["language"] == "yaml":
            config = tree / "mkdocs.yml"
            text = config.read_text()
            config.write_text(text.replace("nav:\n", f"nav:\n{step['text']}", 1))
            continue
        done = subprocess.run(
            ["bash", "-euc", step["text"]],
            cwd=tree,
            env=env,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, step["text"] + done.stdout + done.stderr
    program = (tree / "examples/configmaps/01_create.py").read_text()
    assert program.endswith("#> {'colour': 'green'}\n")
    page = (tree / "build/site/configmaps/index.html").read_text()
    assert "create_namespaced_config_map" in page
    assert ("What it asked the API server" in page) == (driver == "kwok")
