"""The rules that a page has are all that it needs: it looks as it does with all."""

import re
from collections.abc import Callable
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import cast

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.site.build import ROOT
from tests.site.conftest import SECONDS, new_context

THEME = Path(str(files("material"))) / "templates" / "assets" / "stylesheets"
ICONS = re.compile(r":root\{--md-admonition-icon[^}]*\}")

OWN_SHEETS = ("site.css", "replay.css")

# Round corners come out a shade lighter or darker.
NOISE = 4

# All rules in the place of those that the page has, and these again.
ALL = """
(css) => {
  const own = document.querySelector("head style");
  const all = own.cloneNode();
  all.id = "all";
  all.textContent = css;
  own.after(all);
  own.media = "not all";
  for (const link of document.querySelectorAll("link[rel=stylesheet]")) {
    link.dataset.media = link.media;
    link.media = "not all";
  }
}
"""
OWN = """
() => {
  document.querySelector("style#all").remove();
  document.querySelector("head style").media = "all";
  for (const link of document.querySelectorAll("link[rel=stylesheet]")) {
    link.media = link.dataset.media;
  }
}
"""


def as_it_loads(page: Page) -> None:
    pass


def in_dark(page: Page) -> None:
    page.get_by_title("Switch to dark mode").click()
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    page.mouse.move(5, 400)


def on_paper(page: Page) -> None:
    page.emulate_media(media="print")


def with_all_open(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")


def without_results(page: Page) -> None:
    search(page, "zzzz")
    expect(page.locator(".md-search-result__meta")).to_contain_text("No matching")


def with_results(page: Page) -> None:
    search(page, "rollback")
    expect(page.locator(".md-search-result__item").nth(2)).to_be_visible()
    page.locator(".md-search-result__more summary").first.click()
    page.locator(".md-search-result__link").first.hover()


def search(page: Page, words: str) -> None:
    if page.viewport_size == PHONE:
        page.locator("label.md-header__button[for=__search]").click()
    page.get_by_placeholder("Search").click()
    page.keyboard.type(words)


def with_a_tooltip(page: Page) -> None:
    page.locator("article abbr").first.hover()
    expect(page.get_by_role("tooltip")).to_be_visible()


def with_a_copy_button(page: Page) -> None:
    block = page.locator("article pre:has(> .copy):visible").first
    block.hover()
    expect(block.locator(".copy")).to_have_css("opacity", "1")


def with_the_menu(page: Page) -> None:
    page.locator(".md-header__button[for=__drawer]").click()
    expect(page.locator(".md-sidebar--primary .md-nav__link").first).to_be_visible()


def reached_by_keys(page: Page) -> None:
    expect(page.get_by_placeholder("Search")).to_be_visible()
    for _ in range(4):
        page.keyboard.press("Tab")
    # The fourth is the search, whose script is fetched once it has the focus.
    expect(page.locator(".md-search-result__meta")).to_contain_text("Type to start")


def scrolled(page: Page) -> None:
    page.mouse.wheel(0, 2500)
    expect(page.locator(".md-header__title--active")).to_be_visible()
    expect(
        page.locator(".md-nav--secondary .md-nav__link--active").last
    ).to_be_visible()


DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}

LOOKS: list[tuple[str, ViewportSize, Callable[[Page], None]]] = [
    ("", DESK, as_it_loads),
    ("404.html", PHONE, as_it_loads),
    ("deployments/", DESK, with_a_tooltip),
    ("deployments/", DESK, with_a_copy_button),
    ("deployments/", DESK, scrolled),
    ("deployments/", PHONE, with_the_menu),
    ("rollouts/", DESK, in_dark),
    ("self-healing/", PHONE, with_all_open),
    ("journey/", DESK, on_paper),
    ("distributions/", PHONE, as_it_loads),
    ("notebooks/rollout/", DESK, with_all_open),
    ("errata/", DESK, as_it_loads),
    ("glossary/", PHONE, in_dark),
    ("api-index/", DESK, reached_by_keys),
    ("storage/", DESK, with_results),
    ("storage/", PHONE, with_results),
    ("storage/", DESK, without_results),
]


@pytest.mark.parametrize(
    ("name", "size", "done"),
    LOOKS,
    ids=[f"{n or 'home'}-{s['width']}-{d.__name__}" for n, s, d in LOOKS],
)
def test_page_looks_as_with_all_rules(
    browser: Browser,
    address: str,
    name: str,
    size: ViewportSize,
    done: Callable[[Page], None],
) -> None:
    # In a replay that plays, there would be something else each time.
    context = new_context(
        browser, viewport=size, color_scheme="light", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(address + name, wait_until="load")
    done(page)
    screen = settled(page)
    page.evaluate(ALL, every_rule(page))
    screen_of_all = page.screenshot(animations="disabled")
    page_of_all = page.screenshot(animations="disabled", full_page=True)
    page.evaluate(OWN)
    whole_page = page.screenshot(animations="disabled", full_page=True)
    context.close()
    assert differs(screen, screen_of_all) <= NOISE, "the screen looks otherwise"
    assert differs(whole_page, page_of_all) <= NOISE, "the page looks otherwise"


def settled(page: Page) -> bytes:
    """A picture of the screen after what scripts do a moment later."""
    now = page.screenshot(animations="disabled")
    for _ in range(SECONDS):
        page.wait_for_timeout(700)
        before, now = now, page.screenshot(animations="disabled")
        if differs(before, now) <= NOISE:
            return now
    raise AssertionError("the page does not come to rest")


def differs(one: bytes, other: bytes) -> int:
    """By how much two pictures differ in the colour of a point, of 255, at most."""
    first, second = (Image.open(BytesIO(p)).convert("RGB") for p in (one, other))
    if first.size != second.size:
        return 255
    bands = cast(
        list[tuple[int, int]], ImageChops.difference(first, second).getextrema()
    )
    return max(most for _, most in bands)


def every_rule(page: Page) -> str:
    """The theme's two style sheets, its icons and the site's own, unabridged."""
    icons = ICONS.findall(str(page.locator("head style").text_content()))
    theme = [path.read_text() for path in sorted(THEME.glob("*.css"))]
    own = [(ROOT / "docs" / "assets" / name).read_text() for name in OWN_SHEETS]
    return "".join([*theme, *icons[-1:], *own])
