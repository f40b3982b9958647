"""The search is fetched when it is opened, and not with each page."""

import pytest
from playwright.sync_api import Page, Route, expect

RESULT = ".md-search-result__item"


@pytest.fixture
def fetched(page: Page) -> list[str]:
    """What the page fetches of the search, its index and its scripts, as it does."""
    names: list[str] = []

    def note(url: str) -> None:
        if "/search/" in url or "/javascripts/" in url:
            names.append(url.rpartition("/")[2])

    page.on("request", lambda request: note(request.url))
    return names


@pytest.mark.parametrize("key", ["f", "s", "/"])
def test_search_is_fetched_when_a_key_opens_it(
    page: Page, address: str, fetched: list[str], key: str
) -> None:
    page.goto(f"{address}storage/", wait_until="networkidle")
    expect(page.get_by_placeholder("Search")).to_be_visible()
    assert not fetched
    page.keyboard.press(key)
    expect(page.locator("#__search")).to_be_checked()
    page.keyboard.type("rollback")
    expect(page.locator(RESULT).first).to_be_visible()
    assert "search_index.json" in fetched


def test_search_is_fetched_when_its_field_is_clicked(
    page: Page, address: str, fetched: list[str]
) -> None:
    page.goto(address, wait_until="networkidle")
    assert not fetched
    page.get_by_placeholder("Search").click()
    page.keyboard.type("rollback")
    expect(page.locator(RESULT).first).to_be_visible()
    assert "search_index.json" in fetched
    page.locator(".md-search-result__link").first.click()
    expect(page.locator("article")).to_contain_text("rollback")


def test_search_is_fetched_when_somebody_types_and_not_when_tab_passes_by(
    page: Page, address: str, fetched: list[str]
) -> None:
    page.goto(f"{address}storage/", wait_until="networkidle")
    field = page.get_by_placeholder("Search")
    field.focus()
    page.keyboard.press("Tab")
    expect(field).not_to_be_focused()
    expect(page.locator("#__search")).not_to_be_checked()
    assert not fetched
    field.focus()
    page.keyboard.type("rollback")
    expect(page.locator(RESULT).first).to_be_visible()
    expect(field).to_have_value("rollback")


def test_search_of_a_phone_is_a_button_for_the_keyboard(
    page: Page, address: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}storage/")
    page.get_by_role("button", name="Search").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_placeholder("Search")).to_be_focused()
    page.keyboard.type("rollback")
    expect(page.locator(RESULT).first).to_be_visible()


def test_search_is_fetched_when_an_address_asks_for_it(
    page: Page, address: str, fetched: list[str]
) -> None:
    page.goto(f"{address}?q=rollback")
    expect(page.locator(RESULT).first).to_be_visible()
    assert "search_index.json" in fetched


def test_words_of_a_search_are_marked_on_the_page_it_led_to(
    page: Page, address: str
) -> None:
    page.goto(f"{address}storage/?h=volume")
    page.wait_for_function(
        "[...CSS.highlights.get('searched') ?? []].some(({ startContainer: text,"
        " startOffset, endOffset }) =>"
        " text.data.slice(startOffset, endOffset) == 'volume')"
    )


def test_what_is_typed_before_the_field_is_there_is_searched_for(
    page: Page, address: str
) -> None:
    held: list[Route] = []
    page.route("**/assets/search.js", lambda route: held.append(route))
    page.goto(f"{address}storage/")
    page.keyboard.press("/")
    page.keyboard.type("rollback")
    expect(page.get_by_placeholder("Search")).to_have_count(0)
    held[0].continue_()
    expect(page.get_by_placeholder("Search")).to_have_value("rollback")
    expect(page.locator(RESULT).first).to_contain_text("ollback")


# All that search.js does before it puts the field in the place of the label.
ONLY_ITS_STYLE = """
document.head.append(Object.assign(document.createElement("link"), {
  rel: "stylesheet",
  href: new URL("search.css", document.currentScript.src),
  onload: () => document.body.classList.add("styled"),
}));
"""


def test_header_does_not_move_before_the_search_or_the_logo_has_come(
    page: Page, address: str
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})

    def places() -> list[object]:
        return [
            page.locator(part).bounding_box()
            for part in (".md-header__title", ".md-header .colours")
        ]

    page.goto(address, wait_until="networkidle")
    expect(page.get_by_placeholder("Search")).to_be_visible()
    complete = places()
    page.route("**/logo.svg", lambda route: route.abort())
    page.route("**/search.js", lambda route: route.fulfill(body=ONLY_ITS_STYLE))
    page.goto(address, wait_until="networkidle")
    expect(page.locator("body.styled")).to_be_attached()
    assert places() == complete
