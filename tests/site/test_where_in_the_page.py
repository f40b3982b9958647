"""The header and the list of contents say what is being read."""

from playwright.sync_api import Page, expect

MARKED = ".md-sidebar--secondary .md-nav__link--active"


def test_contents_mark_the_section_that_is_read(page: Page, address: str) -> None:
    page.goto(f"{address}rollouts/")
    expect(page.locator(MARKED)).to_have_count(0)
    for section in ("a-bad-image", "undo"):
        page.locator(f"h2#{section}").evaluate("it => it.scrollIntoView()")
        expect(page.locator(MARKED)).to_have_attribute("href", f"#{section}")
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator(MARKED)).to_have_count(0)


def test_marked_line_of_long_contents_is_in_sight(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 400})
    page.goto(f"{address}claims/")
    last = page.locator("article h3").last
    last.evaluate("it => it.scrollIntoView()")
    expect(page.locator(MARKED)).to_be_in_viewport()
    # Nothing but the list was scrolled.
    expect(last).to_be_in_viewport()


def test_header_says_the_title_once_it_is_out_of_sight(
    page: Page, address: str
) -> None:
    page.goto(f"{address}rollouts/")
    topic = page.locator(".md-header__topic").last
    expect(topic).to_have_css("opacity", "0")
    page.mouse.wheel(0, 2000)
    expect(topic).to_have_css("opacity", "1")
    expect(topic).to_contain_text("Rolling updates and rollbacks")
