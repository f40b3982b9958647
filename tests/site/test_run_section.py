"""Is "Run this page" one row, and all of it there when it opens, and on paper?"""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site.build import ROOT
from tests.site.conftest import new_context
from tests.site.test_in_browser import STAYS

SCREEN = {"width": 1440, "height": 900}
ROW = 60
PAGES = [
    *(path.parent.name for path in sorted(ROOT.glob("examples/*/setup.yaml"))),
    *(f"notebooks/{path.stem}" for path in sorted(ROOT.glob("docs/notebooks/*.ipynb"))),
]

BOX = "#run-this-page"


def test_it_is_one_row(browser: Browser, address: str) -> None:
    context = new_context(browser, viewport=SCREEN)
    page = context.new_page()
    high: dict[str, float] = {}
    for name in PAGES:
        page.goto(f"{address}{name}/")
        box = page.locator(BOX).bounding_box()
        assert box
        if box["height"] > ROW:
            high[name] = box["height"]
    context.close()
    assert not high


def test_its_button_copies_the_command_and_opens_nothing(
    page: Page, address: str
) -> None:
    page.add_init_script(STAYS)
    page.goto(f"{address}deployments/")
    page.locator(".run").hover()
    page.locator(".run > button").click()
    expect(page.locator(".run > button")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "uv run sandbox run examples/deployments"
    expect(page.locator(BOX)).not_to_have_attribute("open", "")


@pytest.mark.parametrize("place", ["run-this-page", "permissions"])
def test_link_to_what_is_closed_opens_it(page: Page, address: str, place: str) -> None:
    page.goto(f"{address}what-kubernetes-is/#{place}")
    expect(page.locator(BOX)).to_have_attribute("open", "")
    expect(page.locator(f"#{place}")).to_be_in_viewport()
    page.locator(f"{BOX} > summary").click()
    expect(page.locator("#permissions")).to_be_hidden()
    page.evaluate("place => { location.hash = ''; location.hash = place }", place)
    expect(page.locator("#permissions")).to_be_visible()


def test_boxes_open_without_scripts(browser: Browser, address: str) -> None:
    context = new_context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}architecture/")
    for box in (page.locator(BOX), page.locator(f"{BOX} .permissions")):
        inside = box.locator(":scope > :not(summary)").first
        expect(inside).to_be_hidden()
        box.locator("summary").first.click()
        expect(inside).to_be_visible()
    context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_boxes_are_open_on_paper(browser: Browser, address: str, scripts: bool) -> None:
    context = new_context(browser, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{address}architecture/")
    page.emulate_media(media="print")
    for inside in page.locator(f"{BOX} > :not(summary), .permissions > *").all():
        expect(inside).to_be_visible()
    context.close()
