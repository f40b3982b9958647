"""A page says when its programs last ran, from the record of a run or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from tests.site.build import ROOT, build, copy

STORIES = sorted(p for p in (ROOT / "examples").iterdir() if p.is_dir())
PROGRAMS = {story.name: len(list(story.glob("*.py"))) for story in STORIES}
IN_DEPLOYMENTS = PROGRAMS["deployments"]
IN_ALL = sum(PROGRAMS.values())


def record(*names: str, failed: int = 0, skipped: int = 0, left_out: int = 0) -> Any:
    """A run of these stories whose first had failures, or left programs out."""
    stories = {
        name: {"passed": PROGRAMS[name] + 3, "failed": 0, "skipped": 0, "seconds": 9.5}
        for name in names
    }
    stories[names[0]]["passed"] -= failed + 4 * left_out
    stories[names[0]]["failed"] = failed
    stories[names[0]]["skipped"] = skipped
    return {
        "kubernetes": "v1.37.2",
        "driver": "kwok",
        "date": "2026-11-04",
        "stories": stories,
    }


WHEN = "Last run 4 November 2026 on Kubernetes v1.37.2, simulated nodes (kwok): "
EXTRA = 3 * len(PROGRAMS)


@pytest.mark.parametrize(
    ("run", "page", "home"),
    [
        pytest.param(
            None,
            "This build has not run the programs of this page.",
            "This build has not run the programs of this site.",
            id="not run",
        ),
        pytest.param(
            record("deployments"),
            f"{WHEN}all {IN_DEPLOYMENTS + 3} checks passed.",
            "The last run took only a part of this site.",
            id="one story",
        ),
        pytest.param(
            record("deployments", left_out=1),
            "The last run took only a part of this page.",
            "The last run took only a part of this site.",
            id="a part of one story",
        ),
        pytest.param(
            record("deployments", *PROGRAMS, skipped=1),
            f"{WHEN}all {IN_DEPLOYMENTS + 3} checks passed, 1 skipped.",
            f"{WHEN}all {IN_ALL + EXTRA} checks passed, 1 skipped.",
            id="all",
        ),
        pytest.param(
            record("deployments", *PROGRAMS, failed=2),
            f"{WHEN}2 of {IN_DEPLOYMENTS + 3} checks failed.",
            f"{WHEN}2 of {IN_ALL + EXTRA} checks failed.",
            id="failed",
        ),
    ],
)
def test_stamp_says_what_the_record_says(
    tmp_path: Path, run: Any, page: str, home: str
) -> None:
    tree = copy(tmp_path / "tree")
    if run is not None:
        (tree / "build").mkdir()
        (tree / "build" / "last-run.json").write_text(json.dumps(run))
    done = build(tree, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert stamp(tmp_path / "out" / "deployments") == page
    assert stamp(tmp_path / "out") == home
    # A story that the record does not name has not run, whatever else has.
    if run is None or "rollouts" not in run["stories"]:
        assert stamp(tmp_path / "out" / "rollouts") == (
            "This build has not run the programs of this page."
        )


def stamp(folder: Path) -> str:
    soup = BeautifulSoup((folder / "index.html").read_text(), "html.parser")
    (found,) = soup.select(".stamp")
    return found.get_text()
