"""Nothing moves on a page while it loads, is scrolled, or plays a replay.

The browser says itself what has moved, and how much of the screen: https://web.dev/articles/cls
"""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.site.conftest import new_context
from tests.site.test_in_browser import PAGES

# A busy machine paints a page before its header has come whole, and the title there
# moves by some pixels then (0.0008 at a time). 0.1 is called good.
UNSEEN = 0.005

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
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const step = innerHeight * 0.8;
  for (let y = 0; y < document.documentElement.scrollHeight; y += step) {
    scrollTo({ top: y, behavior: "instant" });
    await frame();
    await frame();
  }
  await new Promise((done) => setTimeout(done, 300));
  return shifts;
}
"""


@pytest.mark.parametrize("size", [(390, 844), (1440, 900)], ids=["phone", "desk"])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_moves(
    browser: Browser, address: str, name: str, size: tuple[int, int]
) -> None:
    # A context of its own has nothing in its cache.
    context = new_context(browser, viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.add_init_script(OBSERVE)
    page.goto(address + name, wait_until="load")
    shifts: list[Any] = page.evaluate(SCROLL)
    context.close()
    assert sum(value for value, _ in shifts) < UNSEEN, shifts
