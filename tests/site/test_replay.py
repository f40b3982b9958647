"""Replays in Chromium: they show what the recording says, at any moment of it."""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Locator, Page, Route, expect

from book.run_in_page import recording
from tests.site.build import ROOT
from tests.site.conftest import new_context

MARKER = re.compile(r"^/// replay \| ([\w-]+)/([\w. ]+)(?:, [a-z ]+)*$", re.M)
REPLAYS = [
    pytest.param(
        "" if page.stem == "index" else f"{page.stem}/",
        number,
        story,
        programs.split(),
        id=f"{page.stem}-{story}/{programs}",
    )
    for page in sorted((ROOT / "docs").glob("*.md"))
    for number, (story, programs) in enumerate(MARKER.findall(page.read_text()))
]
PAGES = sorted({str(param.values[0]) for param in REPLAYS})


# In seconds, of a page's own time.
HOUR = 3600

# Longer than any replay takes, in milliseconds.
PLAYED = 60_000

# Once this is done, a replay that looks whether it is in sight has been told.
OBSERVE_ONCE = """replay => new Promise((done) =>
  new IntersectionObserver(done, { threshold: 0.6 }).observe(replay))"""


@pytest.fixture
def errors(page: Page) -> Iterator[list[str]]:
    """What goes wrong on the page; in the end, it must be nothing."""
    messages: list[str] = []
    page.on("console", lambda m: messages.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: messages.append(str(error)))
    yield messages
    assert not messages


@pytest.fixture
def replay(page: Page, address: str, errors: list[str]) -> Locator:
    """The rolling update's."""
    page.goto(f"{address}rollouts/")
    return page.locator("run-replay").first


@pytest.fixture
def let_pass(page: Page) -> Callable[[int], None]:
    """The time of a page yet to be opened stands still, but for these milliseconds."""
    page.clock.install(time=0)
    page.clock.pause_at(HOUR)
    return page.clock.run_for


def button(replay: Locator, name: str) -> Locator:
    return replay.get_by_role("button", name=name, exact=True)


def seconds(replay: Locator) -> float:
    return float(replay.locator(".replay__clock").inner_text().removesuffix(" s"))


def shown(replay: Locator) -> dict[str, str]:
    """The state of each Pod in the picture, by the end of its name."""
    return replay.evaluate(
        "r => Object.fromEntries([...r.querySelectorAll('.pod')]"
        ".filter(p => p.dataset.state !== 'none')"
        ".map(p => [p.querySelector('b').textContent, p.dataset.state]))"
    )


def state(pod: dict[str, Any]) -> str:
    """As the page's words have it."""
    if pod["going"]:
        return "terminating"
    if pod["waiting"]:
        return "failed"
    if pod["ready"]:
        return "ready"
    return "running" if pod["phase"] == "Running" else "pending"


def recorded(story: str, programs: list[str]) -> tuple[dict[int, Any], set[str]]:
    """From the recording: the Pods at each of its times since the first program's
    start, and those of them that changed.
    """
    kept = recording.read(ROOT, story)
    starts = {n: p["start"] for n, p in kept["programs"].items() if "start" in p}
    zero = min(starts.values())
    names, began = [*starts], [round((each - zero) * 1000) for each in starts.values()]
    start = began[names.index(programs[0])]
    after = names.index(programs[-1]) + 1
    limit = began[after] if after < len(names) else float("inf")
    pods: dict[str, Any] = {}
    at: dict[int, Any] = {}
    changed: set[str] = set()
    for time, kind, name, fields in kept["changes"]:
        if time >= limit:
            break
        if kind == "Pod":
            if fields is None:
                del pods[name]
            else:
                pods[name] = pods.get(name, {}) | fields
            if time >= start:
                changed.add(name)
        at[max(time - start, 0)] = {pod: state(pods[pod]) for pod in pods}
    return at, changed


@pytest.mark.parametrize(("name", "number", "story", "programs"), REPLAYS)
def test_picture_is_the_recorded_one_at_each_moment(
    page: Page,
    address: str,
    errors: list[str],
    name: str,
    number: int,
    story: str,
    programs: list[str],
) -> None:
    page.goto(f"{address}{name}")
    replay = page.locator("run-replay").nth(number)
    # "Play", or "Pause" where it plays by itself.
    expect(replay.locator("[data-do=play]")).to_be_visible()
    pods_at, changed = recorded(story, programs)
    moments = json.loads(replay.get_attribute("data-moments") or "")
    assert {time for _, time in moments} >= {time for time in pods_at if time > 0}
    states: set[str] = set()
    now = pods_at.get(0, {})
    for played, time in moments:
        replay.evaluate("(r, at) => r.goTo(at)", played)
        assert seconds(replay) == pytest.approx(time / 1000, abs=0.006)
        now = pods_at.get(time, now)
        seen = shown(replay)
        ends = {pod.rpartition("-")[2]: state for pod, state in now.items()}
        assert seen.items() <= ends.items(), f"at {time} ms"
        missed = {pod.rpartition("-")[2] for pod in now.keys() & changed} - set(seen)
        assert not missed, f"at {time} ms"
        states |= set(seen.values())
    assert {"ready", "terminating"} & states
    assert len(states) > 1


def test_plays_pauses_and_ends_in_the_last_state(
    let_pass: Callable[[int], None], replay: Locator
) -> None:
    before = seconds(replay)
    assert before > 0, "the picture is of a moment that tells more than the first"
    button(replay, "Play").click()
    let_pass(100)
    expect(replay).to_have_attribute("data-playing", "")
    button(replay, "Pause").click()
    stopped = seconds(replay)
    assert 0 < stopped < before, "it began at the start"
    let_pass(300)
    assert seconds(replay) == stopped
    replay.get_by_label("Speed").select_option("4")
    button(replay, "Play").click()
    let_pass(100)
    assert seconds(replay) > stopped, "it goes on from there"
    let_pass(PLAYED)
    expect(button(replay, "Again")).to_be_visible()
    pods_at, _ = recorded("rollouts", ["02_rolling_update.py"])
    last = pods_at[max(pods_at)]
    assert shown(replay) == {pod.rpartition("-")[2]: last[pod] for pod in last}
    assert set(last.values()) == {"ready"}
    expect(replay.locator("tr.ahead")).to_have_count(0)
    expect(replay.locator("tbody tr").last).to_have_attribute("aria-current", "true")
    button(replay, "Again").click()
    let_pass(100)
    expect(button(replay, "Pause")).to_be_visible()
    assert 0 < seconds(replay) < before, "from the start, again"


def test_list_is_in_step_with_the_picture(replay: Locator) -> None:
    button(replay, "Next step").click()
    rows = replay.locator("tbody tr")
    moments = rows.evaluate_all("all => all.map(row => Number(row.dataset.moment))")
    assert moments == sorted(moments)
    replay.get_by_label("Time").press("Home")
    expect(replay.locator("tr.ahead")).to_have_count(rows.count())
    for moment in sorted(set(moments)):
        button(replay, "Next step").click()
        done = [number for number, each in enumerate(moments) if each <= moment]
        expect(replay.locator("tr.ahead")).to_have_count(len(moments) - len(done))
        current = rows.nth(done[-1])
        expect(current).to_have_attribute("aria-current", "true")
        expect(replay.locator("[aria-current]")).to_have_count(1)
        assert seconds(replay) == pytest.approx(
            float(current.locator("td").first.inner_text()), abs=0.011
        )
        in_sight = current.evaluate(
            "row => { const list = row.closest('.replay__steps');"
            " const [r, l] = [row, list].map(e => e.getBoundingClientRect());"
            " return r.top >= l.top - 1 && r.bottom <= l.bottom + 1 }"
        )
        assert in_sight, f"row {done[-1]} can't be seen"
    button(replay, "Previous step").click()
    assert replay.locator("tr.ahead").count() > 0


def test_row_leads_to_its_moment_and_to_the_line(replay: Locator) -> None:
    sent = replay.locator("tr.sent").first
    sent.locator("td").first.click()
    expect(sent).to_have_attribute("aria-current", "true")
    link = sent.get_by_role("link")
    link.click()
    line = int(link.inner_text().partition(":")[2])
    program = ROOT / "examples" / "rollouts" / "02_rolling_update.py"
    target = replay.page.locator(":target")
    expect(target).to_be_in_viewport()
    assert target.inner_text().strip() == program.read_text().splitlines()[line - 1]
    assert "patch_namespaced_deployment(" in target.inner_text()


def test_keyboard_is_enough(replay: Locator) -> None:
    time = replay.get_by_label("Time")
    time.focus()
    time.press("Home")
    assert seconds(replay) == 0
    time.press("ArrowRight")
    first = replay.locator("tbody tr").first.locator("td").first.inner_text()
    assert f"{seconds(replay):.2f}" == first
    expect(time).to_have_attribute("aria-valuetext", re.compile(rf"^{first} s: 02_"))
    time.press("ArrowRight")
    second = seconds(replay)
    assert second > float(first)
    time.press("ArrowLeft")
    assert f"{seconds(replay):.2f}" == first
    time.press("End")
    expect(replay.locator("tr.ahead")).to_have_count(0)
    time.press("Home")
    time.press(" ")
    expect(button(replay, "Pause")).to_be_visible()
    time.press(" ")
    expect(button(replay, "Play")).to_be_visible()
    # Each control is reached by Tab, in the order seen, and shows it.
    for name in ("Play", "Previous step", "Next step"):
        replay.page.keyboard.press("Tab")
        expect(button(replay, name)).to_be_focused()
        outline = button(replay, name).evaluate("e => getComputedStyle(e).outlineStyle")
        assert outline != "none"
    replay.page.keyboard.press("Tab")
    expect(replay.get_by_label("Speed")).to_be_focused()
    replay.page.keyboard.press("Tab")
    expect(replay.get_by_role("region")).to_be_focused()


def test_screen_reader_is_told_of_steps_and_not_of_each_frame(
    let_pass: Callable[[int], None], replay: Locator
) -> None:
    status = replay.get_by_role("status")
    expect(status).to_be_empty()
    button(replay, "Play").click()
    before = seconds(replay)
    let_pass(1500)
    assert seconds(replay) != before
    expect(status).to_be_empty()
    assert replay.locator("[aria-live]").count() == 0
    button(replay, "Next step").click()
    current = replay.locator("[aria-current] td").last.inner_text()
    expect(status).to_contain_text(current.splitlines()[0])


@pytest.mark.parametrize("name", PAGES)
def test_parts_have_names_of_their_own(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}{name}")
    expect(page.locator("[data-do=play]").first).to_be_visible()
    unnamed = page.locator(
        "figure.replay :is(ul, input, section.replay__steps, [role=group])"
        ":not([aria-label])"
    )
    expect(unnamed).to_have_count(0)
    regions = page.locator("figure.replay section.replay__steps").evaluate_all(
        "all => all.map(e => e.ariaLabel)"
    )
    assert len(set(regions)) == len(regions) > 0
    ids = page.locator("[id]").evaluate_all("all => all.map(e => e.id)")
    assert len(set(ids)) == len(ids)
    for state_shown in page.locator(".pod:not([data-state=none])").all_inner_texts():
        assert len(state_shown.split()) >= 2, "a state is in words, too"


def test_without_scripts_there_is_a_picture_and_the_list(
    browser: Browser, address: str
) -> None:
    context = new_context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}rollouts/")
    replay = page.locator("run-replay").first
    expect(replay.locator(".pod[data-state=ready]").first).to_be_visible()
    expect(replay.locator(".pod[data-state=ready] use").first).to_be_visible()
    expect(replay.get_by_role("row").nth(1)).to_be_visible()
    expect(replay.locator("button, input, select")).to_have_count(0)
    still = page.locator("run-replay").evaluate_all("all => all.map(e => e.innerText)")
    assert all("what happened" in text for text in still)
    context.close()


def test_script_leaves_the_picture_where_it_is(browser: Browser, address: str) -> None:
    heights: list[float] = []
    for scripts in (False, True):
        context = new_context(browser, java_script_enabled=scripts)
        page = context.new_page()
        page.goto(f"{address}rollouts/")
        if scripts:
            expect(page.get_by_role("button", name="Play").first).to_be_visible()
        pods = page.locator("run-replay").first.locator(".pod").all_inner_texts()
        box = page.locator(".replay__scene").first.bounding_box()
        assert box
        heights.append(box["height"])
        context.close()
        assert any("Terminating" in pod or "Pending" in pod for pod in pods)
    assert heights[1] > heights[0], "the controls came"


def test_who_wants_no_motion_gets_none(browser: Browser, address: str) -> None:
    context = new_context(browser, reduced_motion="reduce")
    page = context.new_page()
    page.clock.install(time=0)
    page.clock.pause_at(HOUR)
    page.goto(f"{address}rollouts/")
    replay = page.locator("run-replay").first
    expect(button(replay, "Next step")).to_be_visible()
    expect(button(replay, "Play")).to_be_hidden()
    before = shown(replay)
    time = replay.get_by_label("Time")
    time.press(" ")
    page.clock.run_for(500)
    assert shown(replay) == before
    time.press("End")
    assert shown(replay) != before
    assert replay.evaluate("r => r.getAnimations({ subtree: true }).length") == 0
    page.emulate_media(reduced_motion="no-preference")
    expect(button(replay, "Again")).to_be_visible()
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_controls_fit_a_phone(browser: Browser, address: str, name: str) -> None:
    context = new_context(browser, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{address}{name}")
    expect(page.locator(".replay__controls").first).to_be_visible()
    for controls in page.locator(".replay__controls").all():
        boxes = [
            part.bounding_box() for part in controls.locator("button, select").all()
        ]
        assert len(boxes) == 4
        for box in boxes:
            assert box
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390
            assert min(box["width"], box["height"]) >= 24
        for left, right in pairwise(boxes):
            assert left
            assert right
            same_row = abs(left["y"] - right["y"]) < 1
            assert same_row, "they need a second row"
    cut = page.evaluate(
        "[...document.querySelectorAll('.pod span')].filter(e =>"
        " e.scrollWidth > e.clientWidth).map(e => e.textContent)"
    )
    assert not cut
    context.close()


def test_pages_without_a_replay_fetch_nothing_of_it(site: Path) -> None:
    for path in site.rglob("index.html"):
        soup = BeautifulSoup(path.read_text(), "lxml")
        fetched = {
            str(tag["src"]).rpartition("/")[2] for tag in soup.select("script[src]")
        }
        wanted = set[str]()
        if soup.select("run-replay"):
            wanted |= {"replay.js"}
        if soup.select(".replay__nodes"):
            wanted |= {"replay-nodes.js"}
        assert {name for name in fetched if "replay" in name} == wanted
        styles = str(soup.select_one("head style"))
        assert (".replay__scene" in styles) == bool(wanted)


def test_replay_is_light(site: Path) -> None:
    script = (site / "assets" / "replay.js").read_bytes()
    assert len(gzip.compress(script)) < 3_000


def home_with_its_replay_far_down(route: Route) -> None:
    home = route.fetch()
    text = home.text()
    assert "<article" in text
    far = '<div style="height: 3000px"></div><article'
    route.fulfill(response=home, body=text.replace("<article", far, 1))


def test_plays_by_itself_where_told_once_seen(
    page: Page, let_pass: Callable[[int], None], address: str, errors: list[str]
) -> None:
    page.route(address, home_with_its_replay_far_down)
    page.goto(address)
    replay = page.locator("run-replay")
    expect(button(replay, "Play")).to_be_attached()
    still = seconds(replay)
    replay.evaluate(OBSERVE_ONCE)
    let_pass(500)
    assert seconds(replay) == still, "it is out of sight"
    replay.scroll_into_view_if_needed()
    expect(replay).to_have_attribute("data-playing", "")
    let_pass(PLAYED)
    expect(button(replay, "Again")).to_be_visible()
    page.evaluate("scrollTo(0, 0)")
    replay.evaluate(OBSERVE_ONCE)
    replay.scroll_into_view_if_needed()
    replay.evaluate(OBSERVE_ONCE)
    let_pass(500)
    expect(button(replay, "Again")).to_be_visible()
    replay.locator("tr.sent a").first.click()
    page.wait_for_url("**/rollouts/#02_rolling_update-*")
    expect(page.locator(":target")).to_contain_text("patch_namespaced_deployment")


def test_does_not_play_by_itself_for_who_wants_no_motion(
    page: Page, let_pass: Callable[[int], None], address: str, errors: list[str]
) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.route(address, home_with_its_replay_far_down)
    page.goto(address)
    replay = page.locator("run-replay")
    expect(button(replay, "Next step")).to_be_attached()
    replay.scroll_into_view_if_needed()
    replay.evaluate(OBSERVE_ONCE)
    let_pass(800)
    expect(page.locator("[data-playing]")).to_have_count(0)
