"""Does axe find fault with what is opened by a click or a key, and with a missing page?

test_each_page.py asks it of each page.
"""

from collections.abc import Generator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site import axe
from tests.site.conftest import new_context

WIDTHS = [390, 768, 1440]


@contextmanager
def opened(
    browser: Browser, address: str, width: int, style: str = ""
) -> Generator[Page]:
    """A page in the light scheme, with all its boxes open and nothing in motion."""
    context = new_context(
        browser,
        viewport={"width": width, "height": 900},
        color_scheme="light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(address)
    if style:
        page.add_style_tag(content=style)
    axe.prepare(page)
    yield page
    context.close()


def assert_no_fault(page: Page) -> None:
    """By all rules in light, and in dark."""
    axe.show(page, "light")
    light = axe.faults(page)
    axe.show(page, "dark")
    assert (light, axe.faults(page)) == ([], [])


@pytest.mark.parametrize("width", WIDTHS)
def test_page_for_what_is_missing(browser: Browser, address: str, width: int) -> None:
    with opened(browser, f"{address}404.html", width) as page:
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


# Words too faint for light paper and for dark, and links that nothing tells from words.
BROKEN = """
[data-md-color-scheme=default] article p { color: #999 }
[data-md-color-scheme=slate] article p { color: #555 }
article p a { color: #777 !important; text-decoration: none !important }
"""


def test_axe_finds_what_is_put_wrong(browser: Browser, address: str) -> None:
    with opened(browser, f"{address}deployments/", 390, BROKEN) as page:
        for scheme, find in (("light", axe.faults), ("dark", axe.faults_of_colours)):
            axe.show(page, scheme)
            rules = {fault.partition(":")[0] for fault in find(page)}
            assert rules == {"color-contrast", "link-in-text-block"}, scheme
