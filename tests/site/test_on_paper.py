"""What does a page look like on paper? The text and the programs, dark on light."""

import re

from playwright.sync_api import Browser, expect

from tests.site.conftest import new_context

# Of an element's place: how bright its background is at the nearest that has one.
BRIGHTNESS = """
element => {
  for (let at = element; at; at = at.parentElement) {
    const [r, g, b, a = 1] = getComputedStyle(at).backgroundColor.match(/[\\d.]+/g);
    if (a > 0) return (Number(r) + Number(g) + Number(b)) / 765;
  }
  return 1;
}
"""


def test_paper_has_the_text_and_nothing_to_press(
    browser: Browser, address: str
) -> None:
    # As wide as A4 within its margins, of a reader who has chosen the dark colours.
    context = new_context(
        browser, color_scheme="dark", viewport={"width": 680, "height": 960}
    )
    page = context.new_page()
    page.goto(f"{address}rollouts/")
    page.emulate_media(media="print")
    for gone in ("header", ".md-sidebar", "footer", "article button", ".headerlink"):
        for element in page.locator(gone).all():
            expect(element).to_be_hidden()
    program = page.locator("figure.program pre code").first
    for shown in (
        page.locator("article h1"),
        program,
        page.locator("article p").nth(1),
    ):
        expect(shown).to_be_visible()
        assert shown.evaluate(BRIGHTNESS) > 0.85
        ink = str(shown.evaluate("element => getComputedStyle(element).color"))
        assert sum(map(int, re.findall(r"\d+", ink)[:3])) < 300
    # Nothing is cut off at the side: there is no scrolling on paper.
    wider = page.evaluate(
        "[...document.querySelectorAll('article :is(pre, code, table)')]"
        ".filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1 &&"
        " getComputedStyle(e).display != 'inline').map(e => e.outerHTML.slice(0, 99))"
    )
    assert not wider
    link = page.locator("article p > a[href^='https']").first
    after = link.evaluate("link => getComputedStyle(link, '::after').content")
    assert str(link.get_attribute("href")) in after
    # A replay is its picture and its table, whole.
    replay = page.locator("run-replay").first
    expect(replay.locator(".replay__controls")).to_be_hidden()
    expect(replay.locator(".pod[data-state=ready]").first).to_be_visible()
    steps = replay.locator(".replay__steps")
    assert steps.evaluate("list => list.scrollHeight <= list.clientHeight + 1")
    context.close()
