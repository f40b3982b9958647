"""A page says when its programs last ran, from the record of a run or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from tests.site.build import ROOT, build, copy

PROGRAMS = len(list((ROOT / "examples" / "deployments").glob("*.py")))


def record(passed: int, failed: int = 0, skipped: int = 0) -> dict[str, Any]:
    counts = {"passed": passed, "failed": failed, "skipped": skipped, "seconds": 12.3}
    return {
        "kubernetes": "v1.37.2",
        "driver": "kwok",
        "date": "2026-11-04",
        "stories": {"deployments": counts},
    }


@pytest.mark.parametrize(
    ("run", "page", "home"),
    [
        pytest.param(
            None,
            "This build has not run the programs of this page.",
            "This build of the site has not run its programs.",
            id="not run",
        ),
        pytest.param(
            record(PROGRAMS + 3, skipped=1),
            "Last run 4 November 2026 on Kubernetes v1.37.2, simulated nodes (kwok): "
            f"all {PROGRAMS + 3} checks passed, 1 skipped.",
            f"all {PROGRAMS + 3} checks passed, 1 skipped.",
            id="passed",
        ),
        pytest.param(
            record(PROGRAMS, failed=3),
            f"3 of {PROGRAMS + 3} checks failed.",
            f"3 of {PROGRAMS + 3} checks failed.",
            id="failed",
        ),
        pytest.param(
            record(1),
            "The last run took only a part of this page.",
            "all 1 checks passed.",
            id="a part",
        ),
    ],
)
def test_stamp_says_what_the_record_says(
    tmp_path: Path, run: dict[str, Any] | None, page: str, home: str
) -> None:
    tree = copy(tmp_path / "tree")
    if run is not None:
        (tree / "build").mkdir()
        (tree / "build" / "last-run.json").write_text(json.dumps(run))
    done = build(tree, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert stamp(tmp_path / "out" / "deployments").endswith(page)
    assert stamp(tmp_path / "out").endswith(home)
    # A story that the record does not name has not run, whatever else has.
    assert stamp(tmp_path / "out" / "rollouts").endswith(
        "This build has not run the programs of this page."
    )


def stamp(folder: Path) -> str:
    soup = BeautifulSoup((folder / "index.html").read_text(), "html.parser")
    (found,) = soup.select(".stamp")
    return found.get_text()
