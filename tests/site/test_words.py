"""A word of the glossary says what it means, to a pointer and to a finger."""

from playwright.sync_api import Browser, Page, expect

from tests.site.conftest import new_context


def test_word_is_explained_while_the_pointer_is_there(page: Page, address: str) -> None:
    page.goto(f"{address}deployments/")
    word = page.locator("article abbr").first
    means = str(word.get_attribute("title"))
    word.hover()
    shown = page.get_by_role("tooltip")
    expect(shown).to_have_text(means)
    # The browser's own would be a second.
    expect(word).not_to_have_attribute("title", means)
    # It may be pointed at itself, to read on while the page below it is covered.
    shown.hover()
    expect(shown).to_be_visible()
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    expect(word).to_have_attribute("title", means)


def test_word_is_explained_on_a_phone_until_another_place_is_touched(
    browser: Browser, address: str
) -> None:
    context = new_context(
        browser, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(f"{address}deployments/")
    words = page.locator("article abbr")
    shown = page.get_by_role("tooltip")
    # The one that is furthest to the right, too.
    lefts = words.evaluate_all("all => all.map(e => e.getBoundingClientRect().x)")
    for word in [words.first, words.nth(lefts.index(max(lefts)))]:
        means = str(word.get_attribute("title"))
        word.tap()
        expect(shown).to_have_text(means)
        box = shown.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    page.locator("h1").tap()
    expect(shown).to_have_count(0)
    context.close()
