"""The marks of checked statements show for readers who ask for them."""

from playwright.sync_api import Browser, Page, expect

from tests.site.conftest import new_context

NAME = "Mark the statements that we checked"


def test_marks_show_when_asked_for_and_from_then_on(page: Page, address: str) -> None:
    page.goto(f"{address}what-kubernetes-is/")
    mark = page.locator("a.claim-mark").first
    expect(mark).to_be_hidden()
    page.get_by_label(NAME).check()
    expect(mark).to_be_visible()
    page.goto(f"{address}storage/")
    expect(mark).to_be_visible()
    page.get_by_label(NAME).uncheck()
    page.reload()
    expect(mark).to_be_hidden()


def test_link_to_a_mark_leads_to_it_and_shows_it(page: Page, address: str) -> None:
    page.goto(f"{address}what-kubernetes-is/")
    name = page.locator("a.claim-mark").last.get_attribute("id")
    page.goto(f"{address}what-kubernetes-is/#{name}")
    mark = page.locator(f"#{name}")
    expect(mark).to_be_in_viewport()
    expect(mark).to_be_visible()


def test_marks_are_small_without_scripts(browser: Browser, address: str) -> None:
    context = new_context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}what-kubernetes-is/")
    expect(page.get_by_label(NAME)).to_be_hidden()
    box = page.locator("a.claim-mark").first.bounding_box()
    assert box
    assert box["width"] < 15
    context.close()
