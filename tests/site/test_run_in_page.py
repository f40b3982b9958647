"""A reader runs a program in the page: Python in Chromium, and recorded answers."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from book.run_in_page.bundle import LARGE as LARGE_FILES
from book.run_in_page.bundle import PLACE
from sandbox.story import printed
from tests.site import axe
from tests.site.conftest import new_context
from tests.site.recorded_programs import HANGS, read, unlike_their_lines
from tests.site.test_each_page import PHONE, WIDER

# One worker, since each loads Python again.
pytestmark = pytest.mark.xdist_group("run-in-page")

LARGE = {f"{PLACE}/{name}" for name in LARGE_FILES}
SAID = re.compile(
    r"Your browser runs this program; its answers are the ones a real API server gave "
    r"on \d+ \w+ \d{4} \(Kubernetes [\d.]+\)\."
)


@pytest.fixture(scope="module")
def reader(browser: Browser, address: str, recorded: list[str]) -> Iterator[Page]:
    """A page that stays open, so that its browser has Python already.

    In the end, it must have asked no other host, and have broken no policy.
    """
    context = new_context(browser)
    page = context.new_page()
    wrong: list[str] = []
    page.on(
        "request", lambda r: None if r.url.startswith(address) else wrong.append(r.url)
    )
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert not wrong, "\n".join(wrong)


def at(page: Page, address: str, story: str) -> None:
    """Have a page open. One that is open stays, with its Python."""
    if page.url != f"{address}{story}/":
        page.goto(f"{address}{story}/")


def frame(page: Page, program: str) -> Locator:
    """The frame of a program of the open page, by the program's name."""
    return page.locator(f'figure.program[id="{program}"]')


def opened(page: Page, program: str) -> Locator:
    """The panel of a program, where nothing runs."""
    found = frame(page, program)
    recorded = found.locator("[data-run]").count()
    assert recorded, f"no run of {program} is recorded, as it is now"
    panel = found.locator(".in-page")
    if not panel.count():
        found.get_by_role("button", name="Run", exact=True).click()
    rested(panel)
    return panel


def rested(panel: Locator) -> None:
    """Wait until nothing runs in a panel. What fails says how far it came."""
    try:
        expect(panel.locator("[name=run]")).to_be_visible(timeout=HANGS * 1000)
    except AssertionError as error:
        error.add_note(f"It says: {panel.get_by_role('status').inner_text()}")
        raise


def run(page: Page, program: str, old: str = "", new: str = "") -> Locator:
    """Run a program in which a reader replaces a text. Returns its panel in the end."""
    panel = opened(page, program)
    editor = panel.locator("textarea")
    reset = panel.get_by_role("button", name="Reset")
    if reset.is_visible():
        reset.click()
    text = editor.input_value()
    assert old in text, f"{program} has no {old!r}"
    if new:
        if not editor.is_visible():
            panel.get_by_text("Change the program").click()
        editor.fill(text.replace(old, new))
    panel.locator("[name=run]").click()
    rested(panel)
    return panel


def lines(panel: Locator, what: str) -> list[str]:
    """The lines of the output of one kind: "same", "other" or "error"."""
    texts = panel.locator(f'[data-is="{what}"]').all_text_contents()
    return [text.removesuffix("\n") for text in texts]


def without_suspending(route: Route) -> None:
    """Fetch a script as it is, but for a browser without JSPI.

    https://v8.dev/blog/jspi
    """
    text = route.fetch().text()
    without = "delete WebAssembly.Suspending; delete WebAssembly.promising;\n"
    route.fulfill(body=without + text, content_type="text/javascript")


def test_each_program_prints_its_lines(
    reader: Page, address: str, recorded: list[str]
) -> None:
    # None of them needs a browser that can suspend WebAssembly, as only new ones can.
    reader.route("**/worker.js", without_suspending)
    reader.goto(f"{address}offline/")
    wrong = unlike_their_lines(reader.evaluate, address, recorded)
    reader.unroute("**/worker.js")
    assert not wrong, "\n".join(wrong)


def test_first_click_says_what_it_downloads(
    browser: Browser, address: str, recorded: list[str]
) -> None:
    """Nothing is fetched before a click, and nothing large before the second."""
    context = new_context(browser)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url.removeprefix(address)))
    page.goto(f"{address}first-steps/")
    page.wait_for_load_state("networkidle")
    for folder in ("assets/python/", "assets/runs/"):
        assert not [url for url in asked if url.startswith(folder)]
    button = frame(page, "04_update").get_by_role("button", name="Run", exact=True)
    button.click()
    start = frame(page, "04_update").locator(".in-page [name=run]")
    expect(start).to_be_focused()
    assert re.fullmatch(r"Run: downloads Python, \d+ MB, once", start.inner_text())
    assert not LARGE.intersection(asked)
    start.press("Enter")
    panel = frame(page, "04_update").locator(".in-page")
    rested(panel)
    expect(panel.locator("[data-is=same]")).to_have_text("Pods of version 2: 2 of 2\n")
    expect(panel.get_by_role("status")).to_contain_text("Each line is as on the page.")
    assert LARGE.issubset(asked)
    expect(panel.locator(".in-page__what")).to_have_text(SAID)
    # The next one is no download, and so needs no second click.
    frame(page, "06_break").get_by_role("button", name="Run", exact=True).click()
    printed_there = frame(page, "06_break").locator(".in-page [data-is=same]")
    expect(printed_there).to_have_count(2)
    assert len([url for url in asked if url in LARGE]) == len(LARGE)
    context.close()


def test_replay_follows_the_program(
    reader: Page, address: str, recorded: list[str]
) -> None:
    """Both are of one run: where it ends, the replay stands."""
    at(reader, address, "rollouts")
    replay = reader.locator("run-replay").first
    others = reader.locator("run-replay .replay__clock").all_inner_texts()[1:]
    replay.evaluate("replay => replay.goTo(0)")
    panel = run(reader, "02_rolling_update")
    took = re.search(r"after ([\d.]+) s", panel.get_by_role("status").inner_text())
    assert took
    clock = replay.locator(".replay__clock").inner_text().removesuffix(" s")
    assert float(clock) == pytest.approx(float(took[1]), abs=0.1)
    last = replay.locator("tr.sent:not(.ahead)").last.locator("td").first.inner_text()
    assert 0 < float(last) <= float(clock)
    # At the pace of the run, it moves while the program runs.
    replay.evaluate("""replay => {
        replay.seen = [];
        replay.addEventListener("moment", () => replay.seen.push(replay.moment));
        replay.goTo(0);
    }""")
    panel.get_by_role("checkbox").check()
    run(reader, "02_rolling_update")
    panel.get_by_role("checkbox").uncheck()
    seen: list[int] = replay.evaluate("replay => replay.seen")
    assert len(seen) > 3
    assert seen == sorted(seen)
    assert reader.locator("run-replay .replay__clock").all_inner_texts()[1:] == others


# By page: a program, a text in it, what a reader puts there, and what is printed then
# that is not on the page.
CHANGES = {
    "rollouts": [
        (
            "01_create",
            'print("revision:"',
            'print(web.spec.strategy.type)\nprint("revision:"',
            ["RollingUpdate"],
        ),
        (
            "02_rolling_update",
            'print("never more',
            'print(max(asked))\nprint("never more',
            ["5"],
        ),
        (
            "03_bad_image",
            'available:", web.status.available_replicas',
            'available:", web.spec.replicas',
            ["4"],
        ),
        (
            "04_undo",
            'print(f"now revision',
            'print(web.metadata.namespace)\nprint(f"now revision',
            ["overview-rollouts"],
        ),
        (
            "04_undo",
            'print(f"{status.avail',
            'print(status.ready_replicas)\nprint(f"{status.avail',
            ["4"],
        ),
    ],
    "first-steps": [
        (
            "01_create",
            'print(f"Pods',
            'print(status.observed_generation)\nprint(f"Pods',
            ["1"],
        ),
        (
            "02_service",
            "print(f",
            "print(created.spec.type)\nprint(f",
            ["ClusterIP"],
        ),
        (
            "04_update",
            "print(f",
            "print(hello.metadata.generation, len(hello.status.conditions))\nprint(f",
            ["2 2"],
        ),
        ("06_break", "status.available_replicas}", "status.replicas}", ["3"]),
        ("09_clean_up", 'print("Pods', 'print(pods)\nprint("Pods', ["[]"]),
    ],
    "deployments": [
        ("02_list", "[each.metadata.name for", "[each.spec.replicas for", ["[2]"]),
        (
            "01_create",
            'print(f"{meta.name}: {ver',
            'print(meta.namespace)\n    print(f"{meta.name}: {ver',
            ["overview-deployments"],
        ),
        (
            "05_scale",
            'print(f"{scale.spec',
            'print(scale.metadata.name)\nprint(f"{scale.spec',
            ["web"],
        ),
        (
            "06_change_image",
            'print(f"for real',
            'print(after.metadata.name)\nprint(f"for real',
            ["web"],
        ),
        ("10_delete", "time.sleep(", "time.sleep(3 * ", []),
    ],
}


@pytest.mark.parametrize("story", CHANGES)
def test_reader_prints_more_of_the_answers(
    reader: Page, address: str, recorded: list[str], story: str
) -> None:
    at(reader, address, story)
    for program, old, new, more in CHANGES[story]:
        panel = run(reader, program, old, new)
        others = lines(panel, "other")
        assert lines(panel, "error") == []
        assert len(others) >= len(more), program
        assert all(any(text in line for line in others) for text in more), others


def test_request_that_was_not_recorded_stops_the_program(
    reader: Page, address: str, recorded: list[str]
) -> None:
    at(reader, address, "deployments")
    # No `except` of a program takes that for an error of the API server.
    asked = '"wbe", NAMESPACE, _request_timeout=10)\nexcept client.ApiException'
    other = '"wob", NAMESPACE, _request_timeout=10)\nexcept Exception'
    panel = run(reader, "02_list", asked, other)
    said = (
        "This was not asked in the recorded run: GET /apis/apps/v1/namespaces/"
        "overview-deployments/deployments/wob"
    )
    assert lines(panel, "error") == [said]
    assert lines(panel, "other") == []
    expect(panel.get_by_role("status")).to_contain_text("It ended early")
    sandbox = panel.locator(".in-page__sandbox")
    expect(sandbox).to_be_visible()
    row = reader.locator("#run-this-page pre > code").first.text_content()
    assert sandbox.locator("code").text_content() == row
    assert row is not None
    assert row.endswith("uv run sandbox run examples/deployments\n")
    # What goes wrong otherwise has a traceback.
    panel.get_by_role("button", name="Reset").click()
    assert panel.locator("textarea").input_value() == read("deployments/02_list")
    panel = run(reader, "02_list", "image = web", "image = web.nothing")
    traceback = lines(panel, "error")
    assert traceback[0] == "Traceback (most recent call last):"
    assert len([line for line in traceback if "File" in line]) == 1, traceback
    expect(sandbox).to_be_hidden()


def test_editor_by_keyboard(reader: Page, address: str, recorded: list[str]) -> None:
    at(reader, address, "deployments")
    panel = opened(reader, "10_delete")
    editor = panel.locator("textarea")
    if not editor.is_visible():
        panel.get_by_text("Change the program").press("Enter")
    editor.focus()
    editor.press("Control+A")
    for text in ("for number in range(2):", "Enter", "Tab", "print(number)"):
        if text in ("Enter", "Tab"):
            editor.press(text)
        else:
            reader.keyboard.type(text)
    assert editor.input_value() == "for number in range(2):\n    print(number)"
    editor.press("Control+Enter")
    rested(panel)
    assert lines(panel, "other") == ["0", "1"]
    editor.press("Escape")
    editor.press("Tab")
    expect(editor).not_to_be_focused()
    assert editor.input_value().endswith("print(number)")


def test_panel_on_a_phone(reader: Page, address: str, recorded: list[str]) -> None:
    before = reader.viewport_size
    assert before is not None
    reader.set_viewport_size(PHONE)
    at(reader, address, "deployments")
    panel = run(reader, "02_list", '"tier!=frontend",', '"tier!=backend",')
    expect(panel.locator(".in-page__sandbox")).to_be_visible()
    wrong = reader.evaluate(WIDER)
    assert reader.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    axe.prepare(reader)
    for scheme in ("light", "dark"):
        axe.show(reader, scheme)
        wrong += axe.faults(reader)
    reader.set_viewport_size(before)
    assert not wrong, "\n".join(wrong)


# The last, for it ends the page's Python.
def test_stop_in_the_middle_of_a_watch(
    reader: Page, address: str, recorded: list[str]
) -> None:
    """At the pace of the recorded run, the last watch takes ten seconds."""
    at(reader, address, "deployments")
    panel = opened(reader, "03_wait_until_available")
    panel.get_by_role("checkbox").check()
    panel.locator("[name=run]").click()
    expect(panel.locator("[data-is=same]")).to_have_count(2)
    # A worker that runs a program hears nothing: it has to be ended.
    (worker,) = reader.workers
    with worker.expect_event("close"):
        panel.get_by_role("button", name="Stop").click()
    expect(panel.get_by_role("status")).to_have_text("Stopped.")
    expect(panel.locator("[name=run]")).to_be_focused()
    panel.get_by_role("checkbox").uncheck()
    panel = run(reader, "03_wait_until_available")
    assert lines(panel, "same") == printed(read("deployments/03_wait_until_available"))
