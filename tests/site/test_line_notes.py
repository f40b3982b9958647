"""Notes on lines of a program: beside the right line, a click away, never copied."""

import re
from collections.abc import Callable
from pathlib import Path

import line_notes
import program_blocks
import pytest
from bs4 import BeautifulSoup, Tag
from mkdocs.exceptions import PluginError
from playwright.sync_api import Browser, Page, expect

from tests.site.build import ROOT
from tests.site.conftest import new_context
from tests.site.sources import parsed, sources

MARKER = "<!-- lines: -->"
PAGES = {
    page.stem: page.read_text().count(MARKER)
    for page in sorted((ROOT / "docs").glob("*.md"))
    if MARKER in page.read_text()
}


def noted(site: Path, name: str) -> list[Tag]:
    """The programs of a page that have notes."""
    soup = BeautifulSoup((site / name / "index.html").read_text(), "html.parser")
    return [figure for figure in soup.select("figure") if figure.select(".notes")]


@pytest.mark.parametrize("name", PAGES)
def test_each_note_leads_to_its_line_and_back(site: Path, name: str) -> None:
    figures = noted(site, name)
    assert len(figures) == PAGES[name]
    for figure in figures:
        (code,) = figure.select("pre code")
        marks = code.select("a.noted__mark")
        notes = figure.select(".notes > li")
        assert len(marks) == len(notes) > 1
        for number, (mark, note) in enumerate(zip(marks, notes, strict=True), start=1):
            assert mark["href"] == f"#{note['id']}"
            assert mark["aria-label"] == f"Note {number}"
            back = note.find("a")
            assert isinstance(back, Tag)
            line = mark.parent
            assert line
            assert back["href"] == f"#{line['id']}"
            assert back.text in line.text
            assert line.text in code.text.splitlines()
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
        selected = figure.locator("pre code").evaluate(
            "code => { getSelection().selectAllChildren(code);"
            " return getSelection().toString() }"
        )
        source = (ROOT / "examples" / name / program).read_text()
        assert selected.strip() == source.strip()


def _notes_at_the_end(text: str) -> str:
    return text + f"\n{MARKER}\n\n1. `labels` count.\n"


def _instead(old: str, new: str) -> Callable[[str], str]:
    def broken(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return broken


SAYS: dict[str, tuple[Callable[[str], str], str]] = {
    "no line": (
        _instead('1. `target_port="http"`', "1. `no_such_text`"),
        "services.md, 01_create.py: a note is about `no_such_text`, which no lines "
        "contain: it has to be in exactly one",
    ),
    "two lines": (
        _instead('1. `target_port="http"`', "1. `NAMESPACE`"),
        "services.md, 01_create.py: a note is about `NAMESPACE`, which ",
    ),
    "another order": (
        _instead('1. `target_port="http"`', "1. `slices[0].ports[0].port`"),
        "services.md, 01_create.py: the note about `made.spec.cluster_ip != ''` comes "
        "after one about a later line, or the same",
    ),
    "no text": (
        _instead('1. `target_port="http"`', "1. This"),
        "services.md, 01_create.py: a note has to begin with a line's text",
    ),
    "no program": (
        _notes_at_the_end,
        "services.md: <!-- lines: --> belongs directly after a program",
    ),
}


@pytest.mark.parametrize("fault", SAYS)
def test_build_fails_where_notes_are_about(fault: str) -> None:
    broken, says = SAYS[fault]
    with pytest.raises(PluginError, match=re.escape(says)):
        noted_page(broken)


def test_nothing_is_wrong_with_the_notes_as_they_are() -> None:
    assert parsed(noted_page(lambda text: text)).select("figure .notes")


def noted_page(change: Callable[[str], str]) -> str:
    """The page of Services with another text, rendered with its programs and notes."""
    seen = sources()
    page = seen.page("services.md")
    page.markdown = program_blocks.on_page_markdown(
        change(page.markdown or ""), page, seen.config, seen.files
    )
    page.render(seen.config, seen.files)
    return line_notes.on_page_content(page.content or "", page, seen.config, seen.files)
