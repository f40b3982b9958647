"""What a program asked in its recorded run: a list, fetched when it is opened."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.site import axe
from tests.site.conftest import new_context
from tests.site.test_each_page import PHONE, SCREEN, seen_at

PROGRAM = "deployments/01_create"


@pytest.fixture
def recorded(site: Path) -> list[Any]:
    path = site / "assets" / "runs" / f"{PROGRAM}.json"
    return json.loads(path.read_text())["exchanges"]


def box_of(page: Page, address: str) -> Locator:
    page.goto(f"{address}deployments/")
    return page.locator(".ran--requests").first


def test_list_is_fetched_when_it_is_opened(
    page: Page, address: str, recorded: list[Any]
) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    box = box_of(page, address)
    page.wait_for_load_state("networkidle")
    assert not [u for u in fetched if "assets/runs" in u or "requests.js" in u]
    box.locator("> summary").click()
    rows = box.locator("li")
    expect(rows).to_have_count(len(recorded))
    for number, one in enumerate(recorded):
        told = rows.nth(number).locator("summary").first
        expect(told).to_contain_text(f"{one['at'] / 1000:.3f} s")
        expect(told).to_contain_text(f"{one['status']} {one['reason']}")
        path = f"{one['path']}?{one['query']}" if one["query"] else one["path"]
        assert told.locator("code").inner_text() == path
    # A second box has a list of its own, and fetches its own file alone.
    del fetched[:]
    page.locator(".ran--requests > summary").nth(1).click()
    expect(page.locator(".ran--requests").nth(1).locator("li").first).to_be_visible()
    assert [url.rpartition("/")[2] for url in fetched] == ["02_list.json"]
    expect(rows).to_have_count(len(recorded))


def test_request_opens_by_keyboard_to_what_was_sent_and_answered(
    page: Page, address: str, recorded: list[Any]
) -> None:
    number, one = next((n, e) for n, e in enumerate(recorded) if e["body"])
    box = box_of(page, address)
    box.locator("> summary").focus()
    page.keyboard.press("Enter")
    row = box.locator("li").nth(number)
    row.locator("summary").first.focus()
    page.keyboard.press("Enter")
    sent, answered = row.locator("pre > code").all()
    for shown, text in ((sent, one["body"]), (answered, one["answer"])):
        told = shown.text_content()
        assert told
        assert json.loads(told) == json.loads(text)
    # Who wrote which field is closed, and opens by keyboard.
    fields = answered.locator("details:has(> summary:text('managedFields'))")
    expect(fields).not_to_have_attribute("open", "")
    fields.locator("> summary").focus()
    page.keyboard.press("Enter")
    expect(fields).to_have_attribute("open", "")
    answered.focus()
    expect(answered).to_be_focused()
    page.keyboard.press("End")


def test_search_finds_words_in_requests_and_answers(
    page: Page, address: str, recorded: list[Any]
) -> None:
    box = box_of(page, address)
    box.locator("> summary").click()
    box.get_by_role("searchbox").fill("POST replicas")
    texts = [f"{e['method']} {e['path']} {e['body']} {e['answer']}" for e in recorded]
    found = [t for t in texts if "post" in t.lower() and "replicas" in t.lower()]
    assert found
    expect(box.locator("li:visible")).to_have_count(len(found))
    expect(box.locator("output")).to_have_text(f"{len(found)} of {len(recorded)}")
    box.get_by_role("searchbox").fill("no such word")
    expect(box.locator("li:visible")).to_have_count(0)


def test_request_without_an_answer_says_so(page: Page, address: str) -> None:
    page.goto(f"{address}architecture/")
    figure = page.locator('figure.program[id="04_without_etcd"]')
    expect(figure.locator("[data-run]")).to_have_count(0)
    box = figure.locator("xpath=following-sibling::details[1]")
    expect(box.locator("a")).to_have_text("4 requests, 2 without an answer")
    box.locator("> summary").click()
    told = box.locator("li > details > summary > .ran__status")
    ends = ["200 OK", "no answer", "no answer", "500 Internal Server Error"]
    expect(told).to_have_text(ends)
    told.nth(2).click()
    row = box.locator("li").nth(2)
    expect(row.locator("p").first).to_have_text("Sent:")
    expect(row.locator("p").last).to_have_text(
        re.compile(r"^No answer after 5\.\d+ s: \w+Error\.$")
    )
    expect(row.locator("pre")).to_have_count(1)


def test_list_says_when_its_file_is_not_to_be_had(page: Page, address: str) -> None:
    page.route("**/assets/runs/**", lambda route: route.abort())
    box = box_of(page, address)
    box.locator("> summary").click()
    expect(box.locator("a")).to_contain_text("could not be fetched")
    page.unroute("**/assets/runs/**")
    box.locator("> summary").click()
    expect(box.locator("li").first).to_be_visible()


def test_without_scripts_there_is_a_link(
    browser: Browser, address: str, recorded: list[Any]
) -> None:
    context = new_context(browser, java_script_enabled=False)
    page = context.new_page()
    box = box_of(page, address)
    box.locator("> summary").click()
    link = box.get_by_role("link")
    expect(link).to_be_visible()
    answer = page.request.get(f"{address}deployments/{link.get_attribute('href')}")
    assert answer.json()["exchanges"] == recorded
    context.close()


@pytest.mark.parametrize("size", [PHONE, SCREEN], ids=["phone", "screen"])
def test_what_opens_fits_and_can_be_read(
    browser: Browser, address: str, size: Any
) -> None:
    context = new_context(browser, viewport=size, color_scheme="light")
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce")
    box = box_of(page, address)
    for each in page.locator(".ran > summary").all()[:3]:
        each.click()
    row = box.locator("li").first
    row.locator("summary").first.click()
    expect(row.locator("pre").first).to_be_visible()
    axe.prepare(page)
    wrong = seen_at(page, size["width"])
    context.close()
    assert not wrong, "\n".join(wrong)
