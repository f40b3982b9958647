"""Has axe look at a page as it is shown, in the light scheme and then in the dark one.

https://github.com/dequelabs/axe-core/blob/develop/doc/rule-descriptions.md
"""

from pathlib import Path

from axe_playwright_python.base import (  # pyright: ignore[reportMissingTypeStubs]
    AXE_SCRIPT,
)
from playwright.sync_api import Page, expect

LOOKS = Path(__file__).with_name("looks.js")

# Nothing of ours comes from another host; axe would fetch each style sheet again.
SAME = {"preload": False}

# All rules that are on by themselves, which are those of WCAG 2.1 AA and good practice,
# and of WCAG 2.2 the one on what is too small to be hit.
ALL = SAME | {"rules": {"target-size": {"enabled": True}}}

# Those of which the answer depends on colours.
OF_COLOURS = SAME | {"runOnly": ["color-contrast", "link-in-text-block"]}

# The shadow at the side of a wide table is a gradient, and before one axe judges no
# contrast. Text stands on it only while it is scrolled past.
PLAIN = "article table { background: none !important }"

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

# But for lists that are fetched then, one of which test_requests.py opens.
OPEN_BOXES = """
document.querySelectorAll("details:not(.ran--requests, .ran__request)")
  .forEach((box) => box.open = true)
"""


def prepare(page: Page) -> None:
    """Open all boxes of a page, and bring axe to it."""
    page.add_style_tag(content=PLAIN)
    page.evaluate(OPEN_BOXES)
    page.evaluate(ONE_OF_EACH_COLOUR)
    # Not by elements, which the page's policy refuses.
    page.evaluate(AXE_SCRIPT)
    # In a function, or the last one that it defines would be called.
    page.evaluate(f"() => {LOOKS.read_text()}")


def show(page: Page, scheme: str) -> None:
    """Turn a page to light or dark, by a click on its own switch where it has to be."""
    body = page.locator("body")
    value = {"light": "default", "dark": "slate"}[scheme]
    if body.get_attribute("data-md-color-scheme") != value:
        # By the button's own click: an open drawer or search lies over it.
        page.get_by_title(f"Switch to {scheme} mode").dispatch_event("click")
    expect(body).to_have_attribute("data-md-color-scheme", value)


def faults(page: Page) -> list[str]:
    """What axe finds, each as its rule, the element and the reason."""
    return page.evaluate("all => judge(...all)", [ALL, OF_COLOURS])


def faults_of_colours(page: Page) -> list[str]:
    """What axe finds with the colours, where it has not seen the like on this page."""
    return page.evaluate("all => judge(...all)", [None, OF_COLOURS])
