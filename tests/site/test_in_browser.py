"""The site in Chromium: copying, downloads, tabs, dark mode, the next page."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site.build import ROOT
from tests.site.conftest import new_context

STORIES = sorted(p.parent.name for p in ROOT.glob("examples/*/setup.yaml"))


# The word "Copied" goes after two seconds. A busy machine may look later.
STAYS = """
const later = window.setTimeout;
window.setTimeout = (call, wait, ...more) =>
    later(call, wait === 2000 ? 10 ** 6 : wait, ...more);
"""


@pytest.mark.parametrize("story", STORIES)
def test_copy_gives_the_text_of_each_program(
    page: Page, address: str, story: str
) -> None:
    page.add_init_script(STAYS)
    page.goto(f"{address}{story}/")
    programs = sorted((ROOT / "examples" / story).glob("*.py"))
    blocks = page.locator("figure.program:not(.program--other)")
    expect(blocks).to_have_count(len(programs))
    for program in programs:
        block = blocks.and_(page.locator(f'[id="{program.stem}"]'))
        block.get_by_role("button", name="Copy").click()
        expect(block.get_by_role("button", name="Copied")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == program.read_text()


def test_copy_gives_the_lines_that_run_a_page(page: Page, address: str) -> None:
    page.add_init_script(STAYS)
    page.goto(f"{address}deployments/")
    page.locator("#run-this-page > summary").click()
    block = page.locator("article pre", has_text="sandbox up").first
    block.hover()
    block.get_by_role("button", name="Copy").click()
    expect(block.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == (
        'eval "$(uv run sandbox up)"\nuv run sandbox run examples/deployments\n'
    )


def test_tabs_by_keyboard_and_copy_of_what_they_show(page: Page, address: str) -> None:
    page.add_init_script(STAYS)
    page.goto(f"{address}rollouts/")
    tabs = page.locator(".tabbed-set").first
    shown = tabs.locator("figure.program:visible")
    page.get_by_role("radio", name="Python").first.focus()
    for suffix in ("py", "sh", "yaml"):
        expect(shown).to_have_count(1)
        shown.get_by_role("button", name="Copy").click()
        expect(shown.get_by_role("button", name="Copied")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == (ROOT / f"examples/rollouts/01_create.{suffix}").read_text()
        tabs.get_by_role("radio", checked=True).press("ArrowRight")


def test_tabs_without_scripts(browser: Browser, address: str) -> None:
    context = new_context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}rollouts/")
    tabs = page.locator(".tabbed-set").first
    tabs.get_by_text("YAML", exact=True).click()
    expect(tabs.locator("figure.program:visible")).to_contain_text("kind: Deployment")
    context.close()


def test_download_gives_the_file(page: Page, address: str) -> None:
    page.goto(f"{address}{STORIES[0]}/")
    program = min((ROOT / "examples" / STORIES[0]).glob("*.py"))
    with page.expect_download() as download:
        page.locator("figure.program").first.get_by_role(
            "link", name="Download"
        ).click()
    assert download.value.suggested_filename == program.name
    assert download.value.path().read_bytes() == program.read_bytes()


@pytest.mark.parametrize(("width", "stacked"), [(390, True), (1440, False)])
def test_facts_stand_below_their_names_on_a_phone(
    browser: Browser, address: str, width: int, stacked: bool
) -> None:
    context = new_context(browser, viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto(f"{address}distributions/")
    # Of each row: where its name begins, where its facts do, how wide they are, and
    # whether the name of a fact is shown before it.
    rows = page.evaluate(
        "[...document.querySelectorAll('table.facts tbody tr')].map(row => ["
        "row.cells[0].getBoundingClientRect().left, ...[...row.cells].slice(1)"
        ".filter(cell => cell.innerText).map(cell => [cell.getBoundingClientRect()"
        ".left, cell.getBoundingClientRect().width, cell.dataset.label.length])])"
    )
    context.close()
    assert len(rows) > 50
    for name, *facts in rows:
        for left, wide, label in facts:
            assert label
            assert wide > (300 if stacked else 90)
            assert (left == name) == stacked


def test_next_page_is_there_before_it_is_asked_for(page: Page, address: str) -> None:
    page.goto(address)
    link = page.locator("article").get_by_role(
        "link", name="Rolling updates and rollbacks"
    )
    # The browser fetches it once the pointer has been there for a while.
    with page.context.expect_event("request", lambda r: "rollouts" in r.url):
        link.first.hover()
    link.first.click()
    page.wait_for_url(f"{address}rollouts/")
    how = "performance.getEntriesByType('navigation')[0].deliveryType"
    assert page.evaluate(how) == "navigational-prefetch"
    # What came this way is a whole page: its replay plays.
    replay = page.locator("run-replay").first
    replay.get_by_role("button", name="Play").click()
    expect(replay.get_by_role("button", name="Pause")).to_be_visible()


def test_dark_mode_follows_the_system_and_is_kept(
    browser: Browser, address: str
) -> None:
    context = new_context(browser, color_scheme="dark")
    page = context.new_page()
    body = page.locator("body")
    page.goto(address)
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    page.get_by_title("Switch to light mode").click()
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    around = page.locator("meta[name=theme-color]")
    expect(around).to_have_attribute("content", "rgb(252, 251, 248)")
    page.goto(f"{address}{STORIES[0]}/")
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    context.close()


def test_page_can_be_read_without_scripts(browser: Browser, address: str) -> None:
    context = new_context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}{STORIES[0]}/")
    block = page.locator("figure.program").first
    expect(block.locator("pre").last).to_be_visible()
    expect(block.get_by_role("link", name="Download")).to_be_visible()
    expect(block.locator("[data-copy-program]")).to_be_hidden()
    context.close()
