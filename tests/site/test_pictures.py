"""Can each word of a drawing be read: is none cut off, and none on top of another?"""

import re

import pytest
from playwright.sync_api import Page

from tests.site.build import ROOT

DRAWN = re.compile(r'<figure class="diagram".*?>\s*(?:<svg|--8<-- "[\w-]+\.svg")')
PAGES = sorted(
    page.relative_to(ROOT / "docs").with_suffix("").as_posix()
    for page in (ROOT / "docs").rglob("*.md")
    if DRAWN.search(page.read_text())
)

# Boxes of lines of text are a little higher than their letters.
UNREADABLE = """
() => [...document.querySelectorAll("figure.diagram svg")].flatMap((drawing) => {
  const whole = drawing.getBoundingClientRect();
  const texts = [...drawing.querySelectorAll("text")].map((node) => {
    const { left, right, top, bottom } = node.getBoundingClientRect();
    const slack = (bottom - top) / 6;
    return { node, left, right, top: top + slack, bottom: bottom - slack };
  });
  const cut = texts.filter((a) =>
    a.left < whole.left || a.right > whole.right
    || a.top < whole.top || a.bottom > whole.bottom
  ).map((a) => `${a.node.textContent} is cut off`);
  const covered = texts.flatMap((a, i) => texts.slice(i + 1).filter((b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
  ).map((b) => `${a.node.textContent} and ${b.node.textContent} overlap`));
  return [...cut, ...covered];
})
"""


@pytest.mark.parametrize("name", PAGES)
def test_words_of_a_drawing_can_be_read(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}{name}/")
    assert page.locator("figure.diagram svg").count() > 0
    assert page.evaluate(UNREADABLE) == []
