"""Each page, opened on a phone and on a screen: does anything move, fail or not fit?

Opening it takes most of the time, so one test asks all that can be asked of every page.
"""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, ViewportSize

from tests.site import axe
from tests.site.build import ROOT
from tests.site.conftest import launched, new_context

PAGES = sorted(
    ""
    if page.stem == "index"
    else f"{page.relative_to(ROOT / 'docs').with_suffix('')}/"
    for page in (ROOT / "docs").rglob("*")
    if page.suffix in (".md", ".ipynb")
)

PHONE: ViewportSize = {"width": 390, "height": 844}
TABLET: ViewportSize = {"width": 768, "height": 900}
SCREEN: ViewportSize = {"width": 1440, "height": 900}

# A busy machine paints a page before its header has come whole, and the title there
# moves by some pixels then (0.0008 at a time). 0.1 is called good.
UNSEEN = 0.005

# The browser says itself what has moved, and how much of the screen:
# https://web.dev/articles/cls
OBSERVE = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    const at = (r) => `${r.x},${r.y} ${r.width}x${r.height}`;
    const moved = entry.sources.map(({ node, previousRect, currentRect }) =>
      `${(node?.outerHTML ?? node?.textContent ?? "something gone").slice(0, 120)}: ` +
      `${at(previousRect)} -> ${at(currentRect)}`);
    shifts.push([entry.value, moved]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""

# By script: what moves within half a second of a reader's input is not counted.
SCROLL = """
async () => {
  // A headless browser may drop a frame: no wait is for one alone.
  const frame = () => new Promise((done) => {
    requestAnimationFrame(done);
    setTimeout(done, 1000);
  });
  const step = innerHeight * 0.8;
  for (let y = 0; y < document.documentElement.scrollHeight; y += step) {
    scrollTo({ top: y, behavior: "instant" });
    await frame();
  }
  await new Promise((done) => setTimeout(done, 300));
  scrollTo({ top: 0, behavior: "instant" });
  await frame();
  await frame();
  return shifts;
}
"""

WITHOUT_CACHE = {"cacheDisabled": True}

# What stands out at the right. Long lines and wide tables scroll inside of their block.
WIDER = """
[...document.querySelectorAll("article *")].filter((node) =>
  node.getBoundingClientRect().right > innerWidth + 1
  && !node.closest("pre, table:not([class]) > *")
).map((node) => node.outerHTML.slice(0, 100))
"""

# Where each element stands, and whether it is seen there.
PLACES = """
[...document.querySelectorAll("*")].map((node) => {
  const { x, y, width, height } = node.getBoundingClientRect();
  const seen = node.checkVisibility({ visibilityProperty: true });
  const named = `${node.localName}.${node.getAttribute("class") ?? ""}`;
  return `${named}, ${seen ? "seen" : "hidden"} at ${x},${y} ${width}x${height}`;
})
"""


@pytest.mark.parametrize("name", PAGES)
def test_page(browser: Browser, address: str, name: str) -> None:
    try:
        wrong = wrong_with(browser, address + name, address)
    except TimeoutError:
        # On a busy machine it happens that the headless browser draws no more, and runs
        # no more scripts of the page either. A page that has them hang does so twice.
        with launched(browser.browser_type) as another:
            wrong = wrong_with(another, address + name, address)
    assert not wrong, "\n".join(wrong)


def wrong_with(browser: Browser, url: str, address: str) -> list[str]:
    """Open a page of the site at this address, and say what is wrong with it.

    Raises Playwright's TimeoutError where the page's scripts hang.
    """
    wrong: list[str] = []
    # It closes where a page hangs, too.
    with new_context(browser, viewport=SCREEN, color_scheme="light") as context:
        page = context.new_page()
        # As on a first visit, each time.
        context.new_cdp_session(page).send("Network.setCacheDisabled", WITHOUT_CACHE)
        page.add_init_script(OBSERVE)
        note(page, address, wrong)
        for size in (SCREEN, PHONE):
            page.set_viewport_size(size)
            page.goto(url, wait_until="load")
            if moved(page, size["width"]):
                # A busy machine may have painted half of a paragraph, whose lines break
                # elsewhere once the rest is there. What a page does, it does twice.
                page.goto(url, wait_until="load")
                wrong += moved(page, size["width"])
        page.emulate_media(reduced_motion="reduce")
        axe.prepare(page)
        for size in (PHONE, TABLET, SCREEN):
            page.set_viewport_size(size)
            wrong += seen_at(page, size["width"])
    return wrong


def note(page: Page, address: str, wrong: list[str]) -> None:
    """Note the errors that a page writes, and what it asks another host for."""
    own = (address, "data:", "blob:")
    page.on(
        "request",
        lambda r: None if r.url.startswith(own) else wrong.append(f"asked for {r.url}"),
    )
    page.on(
        "console",
        lambda m: wrong.append(f"wrote {m.text}") if m.type == "error" else None,
    )
    page.on("pageerror", lambda error: wrong.append(f"error {error}"))


def moved(page: Page, width: int) -> list[str]:
    """What has moved on a page while it was loaded and scrolled through."""
    # To this there is a limit of time, and to evaluate none.
    shifts: list[Any] = page.wait_for_function(SCROLL).json_value()
    if sum(value for value, _ in shifts) < UNSEEN:
        return []
    return [f"{width}: {value} of the screen moved: {at}" for value, at in shifts]


def seen_at(page: Page, width: int) -> list[str]:
    """What is wrong with a page at a width, in light and in dark."""
    axe.show(page, "light")
    fits = page.evaluate("document.documentElement.scrollWidth")
    light = [] if fits == width else [f"is {fits} wide"]
    light += [f"stands out: {node}" for node in page.evaluate(WIDER)]
    light += axe.faults(page)
    places: list[str] = page.evaluate(PLACES)
    axe.show(page, "dark")
    # Nothing but colours differs in dark, so no other rule could find more there.
    pairs = zip(places, page.evaluate(PLACES), strict=True)
    dark = [f"{other}, in light {one}" for one, other in pairs if one != other][:9]
    dark += axe.faults_of_colours(page)
    return [
        *(f"{width}, light: {fault}" for fault in light),
        *(f"{width}, dark: {fault}" for fault in dark),
    ]
