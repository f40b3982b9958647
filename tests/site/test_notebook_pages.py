"""A notebook's page has its cells, outputs and plots, and nothing that is heavy."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from tests.bench import site_cost
from tests.site.build import ROOT
from tests.site.soups import soup
from tests.site.test_pages import assert_shows_rights

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
MOST_BYTES = 22_000
SVG = "image/svg+xml"

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)


def page_of(site: Path, path: Path) -> BeautifulSoup:
    return soup(site / "notebooks" / path.stem / "index.html")


def code_cells(path: Path) -> list[dict[str, Any]]:
    cells = json.loads(path.read_text())["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def data(cell: dict[str, Any], kind: str) -> list[str]:
    return [
        "".join(output["data"][kind])
        for output in cell["outputs"]
        if kind in output.get("data", {})
    ]


@every_notebook
def test_page_shows_each_cell_and_what_it_printed(site: Path, path: Path) -> None:
    figures = page_of(site, path).select("figure.cell")
    cells = code_cells(path)
    assert len(figures) == len(cells) > 3
    for figure, cell in zip(figures, cells, strict=True):
        code = figure.select_one(".highlight code")
        assert code is not None
        assert code.get_text().strip("\n") == "".join(cell["source"])
        printed = [p.get_text() for p in figure.select(".cell__output code")]
        streams = ["".join(o["text"]) for o in cell["outputs"] if "text" in o]
        assert printed == streams
        # Where a plot was made is said below it.
        caption = figure.find("figcaption")
        assert (caption is None) == (not data(cell, SVG))
        assert caption is None or "on Kubernetes 1." in caption.get_text()


@every_notebook
def test_plot_is_told_in_words_and_has_the_colours_of_the_page(
    site: Path, path: Path
) -> None:
    page = page_of(site, path)
    plots = [svg for cell in code_cells(path) for svg in data(cell, SVG)]
    drawn = page.select("figure.cell svg")
    assert len(drawn) == len(plots) > 0
    for svg, plot in zip(drawn, plots, strict=True):
        words = plot.partition("<title>")[2].partition("</title>")[0]
        assert svg["role"] == "img"
        assert svg["aria-label"] == BeautifulSoup(words, "html.parser").get_text()
        assert not svg.select("style, script, metadata, title")
        # Those of one scheme would not be seen in the other.
        assert not re.findall(r"#[0-9a-f]{3,8}\b(?=[;\"])", str(svg))
        assert "var(--" in str(svg)
    ids = Counter(str(tag["id"]) for tag in page.select("[id]"))
    assert [name for name, times in ids.items() if times > 1] == []


@every_notebook
def test_page_is_light_and_brings_no_scripts_or_styles_of_its_own(
    site: Path, path: Path
) -> None:
    page = page_of(site, path)
    assert not page.select("article :is(script, style, link, img)")
    assert not page.select("[class*=jp-], [class*=clipboard]")
    # A page with no replay, which would bring its own.
    mine, story = (
        site_cost.weigh(site, site / name / "index.html")
        for name in (f"notebooks/{path.stem}", "deployments")
    )
    # Gzipped, with the plots, which are part of it. The rest is what each page needs.
    assert mine.painted < MOST_BYTES
    assert (mine.js, mine.later) == (story.js, story.later)


@every_notebook
def test_notebook_and_set_up_can_be_downloaded(site: Path, path: Path) -> None:
    folder = site / "notebooks" / path.stem
    links = {str(a["href"]) for a in page_of(site, path).select("article a[download]")}
    setup = path.with_suffix(".yaml")
    assert links == {path.name, f"../{setup.name}"}
    assert (folder / path.name).read_bytes() == path.read_bytes()
    assert (folder.parent / setup.name).read_bytes() == setup.read_bytes()


@every_notebook
def test_page_shows_what_its_identity_may_do(site: Path, path: Path) -> None:
    assert_shows_rights(page_of(site, path), path.with_suffix(".yaml"))


@every_notebook
def test_page_says_how_to_run_it(site: Path, path: Path) -> None:
    box = page_of(site, path).find(id="run-this-page")
    assert box is not None
    lines = box.find_all_next("pre")[0].get_text().splitlines()
    assert lines[0].startswith('eval "$(uv run sandbox up')
    assert lines[1] == f"uv run sandbox run {path.relative_to(ROOT)}"
