"""A page says when its programs last ran, from the record of a run or not at all."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup

from sandbox.story import is_notebook
from tests.book.pages import Pages, without_a_run
from tests.site.build import ROOT

STORIES = sorted(p.parent for p in (ROOT / "examples").glob("*/setup.yaml"))
NOTEBOOKS = [p.name for p in (ROOT / "docs" / "notebooks").glob("*.ipynb")]
PROGRAMS = {
    **{story.name: len(list(story.glob("*.py"))) for story in STORIES},
    # A notebook is a story of one program.
    **dict.fromkeys(NOTEBOOKS, 1),
}
IN_DEPLOYMENTS = PROGRAMS["deployments"]
IN_ALL = sum(PROGRAMS.values())


def record(*names: str, **first: int) -> Any:
    """A run on one driver, as the suite writes it down."""
    return {"date": "2026-11-04", "runs": [run("kwok", *names, **first)]}


def run(
    driver: str, *names: str, failed: int = 0, skipped: int = 0, left_out: int = 0
) -> Any:
    """A run of these stories whose first had failures, or left programs out."""
    stories = {
        name: {
            "passed": PROGRAMS[name] + 3,
            "failed": 0,
            "skipped": 0,
            "ran": PROGRAMS[name],
            "seconds": 9.5,
        }
        for name in names
    }
    stories[names[0]]["passed"] -= failed + 4 * left_out
    stories[names[0]]["failed"] = failed
    stories[names[0]]["skipped"] = skipped
    return {
        "kubernetes": "v1.37.2",
        "driver": driver,
        "stories": stories,
    }


WHEN = "Last run 4 November 2026 on Kubernetes v1.37.2, simulated nodes (kwok): "
EXTRA = 3 * len(PROGRAMS)
BOTH = record("deployments", *PROGRAMS, skipped=1)
BOTH["runs"].append(run("kind", "deployments", failed=1))


@pytest.mark.parametrize(
    ("recorded", "page", "home"),
    [
        pytest.param(
            None,
            "No run of this page is on record.",
            "No run of this site is on record.",
            id="not run",
        ),
        pytest.param(
            record("deployments"),
            f"{WHEN}all {IN_DEPLOYMENTS + 3} checks passed.",
            "The last run covered only a part of this site.",
            id="one story",
        ),
        pytest.param(
            record("deployments", left_out=1),
            "The last run covered only a part of this page.",
            "The last run covered only a part of this site.",
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
        pytest.param(
            BOTH,
            f"{WHEN}all {IN_DEPLOYMENTS + 3} checks passed, 1 skipped; on Kubernetes "
            "v1.37.2, real containers (kind): "
            f"1 of {IN_DEPLOYMENTS + 3} checks failed.",
            f"{WHEN}all {IN_ALL + EXTRA} checks passed, 1 skipped.",
            id="both drivers",
        ),
    ],
)
def test_stamp_says_what_the_record_says(
    tmp_path: Path, recorded: Any, page: str, home: str
) -> None:
    pages = with_record(tmp_path, recorded)
    assert stamp(pages, "deployments.md") == page
    assert stamp(pages, "index.md") == home
    notebook = stamp(pages, "notebooks/autoscaling.ipynb")
    if recorded is None or "autoscaling.ipynb" not in recorded["runs"][0]["stories"]:
        assert notebook == "No run of this page is on record."
    else:
        assert notebook == f"{WHEN}all 4 checks passed."
    # A story that the record does not name has not run, whatever else has.
    if recorded is None or "rollouts" not in recorded["runs"][0]["stories"]:
        assert stamp(pages, "rollouts.md") == ("No run of this page is on record.")


def test_table_shows_each_story_on_each_driver(tmp_path: Path) -> None:
    pages = with_record(tmp_path, BOTH)
    text = "/// last-run | stories\n///\n"
    page = pages.page("how-this-site-is-tested.md", text=text)
    made = BeautifulSoup(page.content or "", "html.parser")
    (table,) = made.select("table:has(th:-soup-contains('scale.ipynb'))")
    rows = {
        row.select("th")[0].get_text(): [
            " ".join(cell.get_text().split()) for cell in row.select("td")
        ]
        for row in table.select("tbody tr")
    }
    passed = IN_DEPLOYMENTS + 3
    assert rows["deployments"] == [
        f"{passed} passed, 1 skipped, 10 s",
        f"{passed - 1} passed, 1 failed, 10 s",
    ]
    assert rows["scale.ipynb"] == ["4 passed, 10 s", "not run"]
    links = {urljoin(page.url, str(link["href"])) for link in table.select("a")}
    assert "deployments/" in links
    assert links <= {file.url for file in pages.files}
    assert rows["rollouts"] == [f"{PROGRAMS['rollouts'] + 3} passed, 10 s", "not run"]


def test_story_that_has_changed_since_has_no_stamp_of_that_run(tmp_path: Path) -> None:
    recorded = record("deployments", "rollouts")
    recorded["runs"][0]["stories"]["rollouts"]["digest"] = "of other programs"
    pages = with_record(tmp_path, recorded)
    assert stamp(pages, "deployments.md").startswith(WHEN)
    changed = "Programs of this page have changed since they ran."
    assert stamp(pages, "rollouts.md") == changed


def test_recorded_run_is_told_where_this_tree_has_not_run_a_page(
    tmp_path: Path,
) -> None:
    pages = with_record(tmp_path, record("rollouts"))
    recorded = record(*PROGRAMS) | {"date": "2026-10-01"}
    (tmp_path / "recordings" / "last-run.json").write_text(json.dumps(recorded))
    assert stamp(pages, "rollouts.md").startswith("Last run 4 November 2026")
    assert stamp(pages, "deployments.md").startswith("Last run 1 October 2026")
    assert stamp(pages, "index.md").startswith("Last run 1 October 2026")


def test_run_that_is_kept_says_of_which_programs_it_was() -> None:
    for path in ROOT.glob("recordings/last-run.json"):
        for run in json.loads(path.read_text())["runs"]:
            assert all("digest" in story for story in run["stories"].values())


def test_stamp_says_that_a_driver_skipped_all_programs(tmp_path: Path) -> None:
    recorded = record("deployments", *PROGRAMS)
    # Its checks of rights and of what is left pass where none of its programs can run.
    of_programs = {"passed": 2, "skipped": PROGRAMS["traffic"] + 1, "ran": 0}
    recorded["runs"][0]["stories"]["traffic"] |= of_programs
    assert stamp(with_record(tmp_path, recorded), "traffic.md") == (
        "The last run, on simulated nodes (kwok), skipped this page."
    )


def with_record(folder: Path, recorded: Any) -> Pages:
    """This tree, with a record of its own; without one, where that is None."""
    without_a_run(folder)
    if recorded is not None:
        (folder / "build").mkdir()
        (folder / "build" / "last-run.json").write_text(json.dumps(recorded))
    return Pages(folder)


def stamp(pages: Pages, name: str) -> str:
    """What the stamp of a page says, which has nothing but that."""
    text = "# Title\n"
    if name == "index.md":
        text += "\n/// last-run\n///\n"
    if is_notebook(Path(name)):
        cells = [{"cell_type": "markdown", "source": [text]}]
        text = json.dumps({"cells": cells, "metadata": {}})
    (only,) = pages.html(name, text=text).select(".stamp")
    return " ".join(only.get_text().split())
