"""Does axe find fault with a page? Each one, at three widths, in light and in dark."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import (  # pyright: ignore[reportMissingTypeStubs]
    Axe,
)
from playwright.sync_api import Browser, Page, expect

from tests.site.conftest import new_context
from tests.site.test_in_browser import PAGES

# A phone, a tablet and a screen.
WIDTHS = [390, 768, 1440]

# All rules that are on by themselves, which are those of WCAG 2.1 AA and good practice,
# and of WCAG 2.2 the one on what is too small to be hit.
OPTIONS = {
    "resultTypes": ["violations"],
    "rules": {"target-size": {"enabled": True}},
    # Nothing of ours comes from another host; axe would fetch each style sheet again.
    "preload": False,
}

# The shadow at the side of a wide table is a gradient, and before one axe judges no
# contrast. Text stands on it only while it is scrolled past.
PLAIN = ".md-typeset__scrollwrap { background: none !important }"


# Of the words of a program, one of each colour is enough: axe takes a while for each.
ONE_OF_EACH_COLOUR = """
for (const code of document.querySelectorAll("pre code")) {
  const seen = new Set();
  for (const word of code.querySelectorAll("span:not(:has(*))")) {
    const colour = `${word.parentElement.className} ${word.className}`;
    seen.has(colour) ? word.replaceWith(word.textContent) : seen.add(colour);
  }
}
"""


@contextmanager
def opened(browser: Browser, address: str, width: int) -> Generator[Page]:
    """A page in the light scheme, with all its boxes open and nothing in motion."""
    context = new_context(
        browser,
        viewport={"width": width, "height": 900},
        color_scheme="light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(address)
    page.add_style_tag(content=PLAIN)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.evaluate(ONE_OF_EACH_COLOUR)
    yield page
    context.close()


def assert_no_fault(page: Page) -> None:
    """In light, and after a click on the page's own switch, in dark."""
    body = page.locator("body")
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    light = faults(page)
    # By its label's own click: an open drawer or search lies over it.
    page.get_by_title("Switch to dark mode").dispatch_event("click")
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    assert (light, faults(page)) == ([], [])


def faults(page: Page) -> list[str]:
    """What axe finds, each as its rule, the element and the reason."""
    found: dict[str, Any] = Axe().run(page, options=OPTIONS).response
    return [
        f"{rule['id']}: {node['html'][:120]}: "
        + "; ".join(c["message"] for c in node["any"] + node["all"] + node["none"])
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("name", [*PAGES, "404.html"])
@pytest.mark.parametrize("width", WIDTHS)
def test_page(browser: Browser, address: str, name: str, width: int) -> None:
    with opened(browser, address + name, width) as page:
        assert_no_fault(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_search_with_results(browser: Browser, address: str, width: int) -> None:
    with opened(browser, address, width) as page:
        page.keyboard.press("/")
        page.keyboard.type("rollback")
        expect(page.locator(".md-search-result__link").first).to_be_visible()
        assert_no_fault(page)


def test_drawer_of_a_phone(browser: Browser, address: str) -> None:
    with opened(browser, address, 390) as page:
        page.get_by_role("button", name="Navigation").click()
        expect(page.locator(".md-sidebar--primary")).to_be_in_viewport()
        assert_no_fault(page)
