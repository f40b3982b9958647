"""Notes on lines of a program: beside the right line, a click away, never copied."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, Page, expect

from tests.site.build import ROOT
from tests.site.conftest import new_context

# A program with a list in its block.
NOTED = re.compile(r"^/// program \|.*\n(?:[ ]{4}.*\n)*\n1\. ", re.MULTILINE)
PAGES = {
    page.stem: len(NOTED.findall(page.read_text()))
    for page in sorted((ROOT / "docs").glob("*.md"))
    if NOTED.search(page.read_text())
}


def noted(site: Path, name: str) -> list[Tag]:
    """The programs of a page that have notes."""
    soup = BeautifulSoup((site / name / "index.html").read_text(), "lxml")
    return [figure for figure in soup.select("figure") if figure.select(".notes")]


@pytest.mark.parametrize("name", PAGES)
def test_each_note_leads_to_its_line_and_back(site: Path, name: str) -> None:
    figures = noted(site, name)
    assert len(figures) == PAGES[name]
    for figure in figures:
        marks = figure.select("pre > code a.noted__mark")
        notes = figure.select(".notes > li")
        assert len(marks) == len(notes) > 0
        for number, (mark, note) in enumerate(zip(marks, notes, strict=True), start=1):
            assert mark["href"] == f"#{note['id']}"
            assert mark["aria-label"] == f"Note {number}"
            back = note.find("a")
            assert isinstance(back, Tag)
            line = mark.parent
            assert line
            assert back["href"] == f"#{line['id']}"
            assert back.text in line.text
            assert line.text in "".join(c.text for c in figure.select("pre > code"))
            assert note.text.strip().startswith(back.text)


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("name", PAGES)
def test_marks_are_in_sight_and_lead_to_the_note(
    browser: Browser, address: str, name: str, width: int
) -> None:
    context = new_context(
        browser,
        viewport={"width": width, "height": 844},
        java_script_enabled=False,
    )
    page = context.new_page()
    page.goto(f"{address}{name}/")
    for mark in page.locator("a.noted__mark").all():
        mark.scroll_into_view_if_needed()
        box = mark.bounding_box()
        block = mark.locator("xpath=ancestor::code").bounding_box()
        assert box
        assert block
        # Even where the line is longer than the block is wide.
        assert box["x"] + box["width"] <= block["x"] + block["width"]
        assert min(box["width"], box["height"]) >= 24
    last = page.locator("a.noted__mark").last
    last.click()
    target = page.locator(":target")
    expect(target).to_be_in_viewport()
    link = target.get_by_role("link").first
    text = link.inner_text()
    link.click()
    expect(target).to_be_in_viewport()
    expect(target).to_contain_text(text)
    expect(target).to_have_class("noted")
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_numbers_are_no_text(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}{name}/")
    for figure in (
        page.locator("figure.program").filter(has=page.locator(".notes")).all()
    ):
        program = figure.locator(".program__name").inner_text()
        selected = figure.locator(".highlight").evaluate(
            "code => { code.querySelectorAll('details').forEach(d => d.open = true);"
            " code.querySelectorAll('summary').forEach(s => s.remove());"
            " getSelection().selectAllChildren(code);"
            " return getSelection().toString() }"
        )
        source = (ROOT / "examples" / name / program).read_text()
        assert selected.strip() == source.strip()
