"""Is "Run this page" short, and all of it there? Boxes open, and are printed."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site.build import ROOT
from tests.site.conftest import new_context

SCREEN = {"width": 1440, "height": 900}
# Where the repository is known, how to open it in a browser tab takes a line more.
MOST = SCREEN["height"] * 3 / 4 + 28
PAGES = [
    *(path.parent.name for path in sorted(ROOT.glob("examples/*/setup.yaml"))),
    *(f"notebooks/{path.stem}" for path in sorted(ROOT.glob("docs/notebooks/*.ipynb"))),
]

# From its heading to the next one, in pixels.
HEIGHT = """
heading => {
  const headings = [...document.querySelectorAll('article h2')];
  const next = headings[headings.indexOf(heading) + 1];
  return next.getBoundingClientRect().top - heading.getBoundingClientRect().top;
}
"""


def test_page_goes_on_within_a_screen(browser: Browser, address: str) -> None:
    context = new_context(browser, viewport=SCREEN)
    page = context.new_page()
    long: dict[str, float] = {}
    for name in PAGES:
        page.goto(f"{address}{name}/")
        height = page.locator("#run-this-page").evaluate(HEIGHT)
        if height > MOST:
            long[name] = height
    context.close()
    assert not long


def test_link_to_the_permissions_leads_to_the_sentence(
    page: Page, address: str
) -> None:
    page.goto(f"{address}journey/#permissions")
    sentence = page.locator("#permissions")
    expect(sentence).to_be_in_viewport()
    expect(sentence).to_contain_text("In its Namespace, and nowhere else, it may")


def test_boxes_open_without_scripts(browser: Browser, address: str) -> None:
    context = new_context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}architecture/")
    boxes = page.locator("#permissions ~ details")
    assert boxes.count() == 3
    for box in boxes.all():
        inside = box.locator(":scope > :not(summary)").first
        expect(inside).to_be_hidden()
        box.locator("summary").click()
        expect(inside).to_be_visible()
    context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_boxes_are_open_on_paper(browser: Browser, address: str, scripts: bool) -> None:
    context = new_context(browser, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{address}architecture/")
    page.emulate_media(media="print")
    for box in page.locator("#permissions ~ details").all():
        for inside in box.locator(":scope > :not(summary)").all():
            expect(inside).to_be_visible()
    context.close()
