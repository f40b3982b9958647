"""Can the site be used by keyboard alone, and is it told in words what it shows?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, Page, expect

from tests.site.axe import OPEN_BOXES
from tests.site.conftest import new_context
from tests.site.test_each_page import PAGES

# With replays and their tables, programs, tabs and boxes.
PAGE = "rollouts/"

PHONE, SCREEN = {"width": 390, "height": 844}, {"width": 1440, "height": 900}

# What has the focus; those of a kind look alike. Radio buttons are drawn as their
# labels.
FOCUSED = """() => {
  const node = document.activeElement;
  if (node === document.body) return null;
  node.setAttribute("data-reached", "");
  const shown = node.type === "radio" ? node.labels[0] : node;
  const { x, y, right, bottom } = shown.getBoundingClientRect();
  const left = Math.max(x - 6, 0), top = Math.max(y - 6, 0);
  return {
    html: node.outerHTML.slice(0, 120),
    kind: `${node.localName}.${node.className}`,
    seen: right - x > 1 && bottom - y > 1 && right > 0 && x < innerWidth && bottom > 0
      && y < innerHeight
      && shown.checkVisibility({ visibilityProperty: true, opacityProperty: true }),
    clip: {
      x: left,
      y: top,
      width: Math.min(right + 6, innerWidth) - left,
      height: Math.min(bottom + 6, innerHeight) - top,
    },
  };
}"""

# What can be used and Tab did not come to; of radio buttons it comes to one of a group.
# Keys do by another way what is left out: emptying the search.
NOT_REACHED = """() => [
  ...document.querySelectorAll(
    "a[href], button, input:not([type=radio]), select, summary, [role=button]"
  ),
].filter((node) => node.checkVisibility({ visibilityProperty: true })
  && !node.matches("[data-reached], [type=reset]"))
 .map((node) => node.outerHTML.slice(0, 120))"""


def opened(browser: Browser, address: str, **options: Any) -> Page:
    page = new_context(browser, **options).new_page()
    page.goto(address)
    return page


def tabbed(page: Page) -> Iterator[dict[str, Any]]:
    """What has the focus after each press of Tab, once around the page."""
    for _ in range(1000):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if not focused:
            return
        for _ in range(20):  # the search of a phone opens once it has the focus
            if focused["seen"]:
                break
            page.wait_for_timeout(100)
            focused = page.evaluate(FOCUSED)
        yield focused
    raise AssertionError("Tab does not come to the end of the page")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, SCREEN], ids=["phone", "screen"])
@pytest.mark.parametrize("name", ["", PAGE, "notebooks/rollout/"])
def test_tab_reaches_everything_and_shows_where_it_is(
    browser: Browser, address: str, name: str, size: Any, scheme: Any
) -> None:
    page = opened(
        browser,
        address + name,
        viewport=size,
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    page.evaluate(OPEN_BOXES)
    kinds: list[str] = []
    unseen: list[str] = []
    unmarked: list[str] = []
    for focused in tabbed(page):
        if not focused["seen"]:
            unseen.append(focused["html"])
        elif focused["kind"] not in kinds:
            with_focus = page.screenshot(clip=focused["clip"], caret="hide")
            # The next Tab goes on from here all the same.
            page.evaluate("document.activeElement.blur()")
            if page.screenshot(clip=focused["clip"], caret="hide") == with_focus:
                unmarked.append(focused["html"])
        kinds.append(focused["kind"])
    not_reached = page.evaluate(NOT_REACHED)
    page.context.close()
    assert kinds[0].startswith("a.md-skip")
    assert not unseen
    assert not unmarked
    assert not not_reached


def test_drawer_opens_and_closes(browser: Browser, address: str) -> None:
    page = opened(browser, address + PAGE, viewport=PHONE)
    button = page.get_by_role("button", name="Navigation")
    drawer = page.locator(".md-sidebar--primary")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.focus()
    for key in ("Enter", "Space"):
        page.keyboard.press(key)
        expect(button).to_have_attribute("aria-expanded", "true")
        expect(drawer).to_be_in_viewport()
        section = drawer.get_by_role("button", name="Reference", exact=True)
        expect(section).to_have_attribute("aria-expanded", "false")
        section.focus()
        page.keyboard.press("Escape")
        expect(drawer).to_be_hidden()
        expect(button).to_be_focused()
    page.context.close()


def test_section_of_the_navigation_opens(page: Page, address: str) -> None:
    page.goto(address + PAGE)
    section = page.get_by_role("button", name="Reference", exact=True)
    expect(section).to_have_attribute("aria-expanded", "false")
    section.focus()
    page.keyboard.press("Space")
    expect(section).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("From kubectl to Python")


@pytest.mark.parametrize("name", ["", PAGE])
def test_nothing_moves_for_who_wants_no_motion(
    browser: Browser, address: str, name: str
) -> None:
    moving = """() => [...document.querySelectorAll("*")].flatMap((node) =>
      [null, "::before", "::after"].filter((pseudo) => {
        const style = getComputedStyle(node, pseudo);
        return style.animationName !== "none" || style.scrollBehavior !== "auto"
          || style.transitionDuration.split(", ").some((wait) => wait !== "0s");
      }).map(() => node.outerHTML.slice(0, 120)))"""
    page = opened(browser, address + name, reduced_motion="reduce")
    assert page.evaluate(moving) == []
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(moving) != []
    page.context.close()


@pytest.mark.parametrize("name", [*PAGES, "404.html"])
def test_tables_have_heads_and_pictures_are_told(site: Path, name: str) -> None:
    path = site / name
    if path.is_dir():
        path /= "index.html"
    soup = BeautifulSoup(path.read_text(), "lxml")
    assert soup.html
    assert soup.html["lang"] == "en"
    for table in soup.select("table"):
        heads = table.select("th")
        assert heads
        for head in heads:
            assert head.get("scope") in ("col", "row"), head
            assert head.get_text().strip(), head
    for picture in soup.select("article :is(img, svg)"):
        if picture.find_parent(attrs={"aria-hidden": "true"}) is None:
            assert text_alternative(picture) or picture.get("aria-hidden") == "true", (
                picture
            )


def text_alternative(picture: Tag) -> str:
    """What somebody is told who can't see a picture."""
    if picture.name == "img":
        return str(picture.get("alt", "")).strip()
    # A drawing with links in it is a group: the parts of an image are not told.
    if picture.get("role") not in ("img", "group"):
        return ""
    named = str(picture.get("aria-labelledby", "")).split()
    texts = [part.get_text() for part in picture.select("title, desc")] + [
        str(picture.get("aria-label", ""))
    ]
    ids = {str(tag["id"]) for tag in picture.select("title[id], desc[id]")}
    return "".join(texts).strip() if set(named) <= ids else ""


def test_keys_turn_pages(page: Page, address: str) -> None:
    page.goto(address + PAGE)
    later = page.locator("link[rel=next]").get_attribute("href")
    page.keyboard.press("n")
    page.wait_for_url(f"**/{str(later).removeprefix('../')}")
    page.keyboard.press("p")
    page.wait_for_url(address + PAGE)
