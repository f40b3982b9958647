"""Programs for a system that no driver is, against the local server that stands in."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from pytest_examples import EvalExample

from sandbox import story
from sandbox.cluster import Cluster
from sandbox.story import Program
from tests.examples.conftest import ELSEWHERE, ROOT
from tests.examples.output import check, output_line, update
from tests.examples.stand_ins import standing_in, variables

# What they ask of a cluster does not depend on its driver.
pytestmark = pytest.mark.one_driver

every_program = pytest.mark.parametrize(
    "program",
    [
        pytest.param(
            program,
            id=str(program.path.relative_to(ROOT / "examples")),
            marks=pytest.mark.xdist_group(folder.name),
        )
        for folder in ELSEWHERE
        for program in story.programs(folder)
    ],
)


@every_program
def test_program_prints_what_it_says(
    program: Program,
    cluster: Cluster,
    eval_example: EvalExample,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    assert program.system is not None
    with standing_in(program.system, cluster, tmp_path) as stand_in:
        theirs = variables(stand_in, tmp_path)
        for name in os.environ.keys() - theirs.keys():
            monkeypatch.delenv(name)
        for name, value in theirs.items():
            monkeypatch.setenv(name, value)
        if eval_example.update_examples:
            update(program.path, eval_example)
        else:
            check(program.path, eval_example, lambda: "  none: it is not here")


@every_program
def test_program_run_by_uv_prints_the_same(
    program: Program, cluster: Cluster, tmp_path: Path
) -> None:
    """With the packages that it declares, which need not be those of the suite."""
    assert program.system is not None
    uv = os.environ.get("UV") or shutil.which("uv")
    assert uv, "uv is not on PATH"
    path = str(program.path)
    # The packages come from the real network.
    run(uv, "sync", "--quiet", "--script", path, env=dict(os.environ))
    cache = run(uv, "cache", "dir", env=dict(os.environ)).strip()
    with standing_in(program.system, cluster, tmp_path) as stand_in:
        printed = run(
            *(uv, "run", "--offline", "--no-project", "--quiet", "--script", path),
            env={**variables(stand_in, tmp_path), "UV_CACHE_DIR": cache},
        )
    lines = program.path.read_text().splitlines()
    said = [output_line.sub("", line) for line in lines if output_line.match(line)]
    assert said
    assert printed.splitlines() == said


def run(*command: str, env: dict[str, str]) -> str:
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout
