"""A page says when its programs last ran, from the record of a run or not at all."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import last_run
import pytest
from mkdocs.structure.pages import Page

from tests.site.build import ROOT, linked
from tests.site.soups import soup
from tests.site.sources import Sources, parsed, sources

STORIES = sorted(p.parent for p in (ROOT / "examples").glob("*/setup.yaml"))
SYSTEMS = "distributions"
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
    ("told", "page", "home"),
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
    tmp_path: Path, told: Any, page: str, home: str
) -> None:
    seen = with_record(tmp_path, told)
    assert stamp(seen, "deployments.md") == page
    assert stamp(seen, "index.md") == home
    notebook = stamp(seen, "notebooks/autoscaling.ipynb")
    if told is None or "autoscaling.ipynb" not in told["runs"][0]["stories"]:
        assert notebook == "This build has not run the programs of this page."
    else:
        assert notebook == f"{WHEN}all 4 checks passed."
    # A story that the record does not name has not run, whatever else has.
    if told is None or "rollouts" not in told["runs"][0]["stories"]:
        assert stamp(seen, "rollouts.md") == (
            "This build has not run the programs of this page."
        )


def test_table_shows_each_story_on_each_driver(tmp_path: Path) -> None:
    seen = with_record(tmp_path, BOTH)
    page = seen.page("how-this-site-is-tested.md")
    (table,) = parsed(made_of(seen, page)).select("table")
    rows = {
        row.select("th")[0].get_text(): [cell.get_text() for cell in row.select("td")]
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
    assert links <= {file.url for file in seen.files}
    assert rows["rollouts"] == [f"{PROGRAMS['rollouts'] + 3} passed, 10 s", "not run"]


def test_stamp_says_that_a_driver_skipped_all_programs(tmp_path: Path) -> None:
    told = record("deployments", *PROGRAMS)
    # Its checks of rights and of what is left pass where none of its programs can run.
    of_programs = {"passed": 2, "skipped": PROGRAMS["traffic"] + 1, "ran": 0}
    told["runs"][0]["stories"]["traffic"] |= of_programs
    assert stamp(with_record(tmp_path, told), "traffic.md") == (
        "The last run, on simulated nodes (kwok), skipped this page."
    )


def test_pages_with_programs_that_ran_have_one_stamp_below_their_title(
    site: Path,
) -> None:
    names = {
        "" if name == "index.md" else f"{name.removesuffix('.md')}/"
        for name in ("index.md", "how-this-site-is-tested.md")
    }
    names |= {f"{story.name}/" for story in STORIES}
    names |= {f"notebooks/{name.removesuffix('.ipynb')}/" for name in NOTEBOOKS}
    # Those say of a system where the examples ran: test_distributions.py.
    pages = [p for p in site.rglob("index.html") if p.parent.parent.name != SYSTEMS]
    for path in pages:
        article = soup(path).select_one("article")
        assert article is not None
        stamps = article.select(".stamp")
        name = path.relative_to(site).as_posix().removesuffix("index.html")
        assert len(stamps) == (name in names), name
        if stamps and name:
            assert article.select("h1 + .stamp") == stamps, name


def with_record(folder: Path, told: Any) -> Sources:
    """This tree, with a record of its own; without one, where that is None."""
    linked(folder)
    if told is not None:
        (folder / "build").mkdir()
        (folder / "build" / "last-run.json").write_text(json.dumps(told))
    return sources(folder)


def stamp(seen: Sources, name: str) -> str:
    """What the stamp of a page says."""
    (found,) = parsed(made_of(seen, seen.page(name))).select(".stamp")
    return found.get_text()


def made_of(seen: Sources, page: Page) -> str:
    """What the hook makes of a page of which only the title is rendered."""
    html = f"<h1>{page.title}</h1>\n{page.markdown}"
    return last_run.on_page_content(html, page, seen.config, seen.files)
