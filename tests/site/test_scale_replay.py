"""The replay of the run at scale: what is recorded of nodes is what the cells show.

The run here is made up, and shaped like what a watch sees of a rollout.
"""

import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.bench import node_counts
from tests.examples.watcher import Change, Fields
from tests.site.build import ROOT, build
from tests.site.conftest import new_context, served
from tests.site.small_tree import small_tree

pytestmark = pytest.mark.xdist_group("scale")

NODES, PODS, A_SECOND = 200, 2000, 20
MARKER = "/// nodes-replay\n///"
PROGRAM = ROOT / "examples" / "scale" / "01_roll_out.py"
KINDS = ("old", "new")
IMAGES = ["agnhost:2.63.0", "agnhost:2.66.1"]


def made_up() -> list[Change]:
    """The changes of a rollout: a Pod is created, placed, and ready a second later."""
    chance = random.Random(7)
    on: Counter[int] = Counter(dict.fromkeys(range(NODES), 0))
    changes: list[Change] = []

    def add(at: float, kind: str, name: str, fields: Fields | None) -> None:
        changes.append(Change(at, len(changes), kind, name, fields))

    def pod(at: float, number: int, of: int) -> int:
        fewest = min(on.values())
        node = chance.choice([n for n in on if on[n] == fewest])
        on[node] += 1
        fields = {"owner": f"web-{of}", "node": "", "ready": False, "going": False}
        name = f"web-{of}-{number}"
        add(at, "Pod", name, fields)
        add(at + 0.1, "Pod", name, fields | {"node": f"scale-{node}"})
        add(at + 1.1, "Pod", name, fields | {"node": f"scale-{node}", "ready": True})
        return node

    add(0, "Deployment", "web", {"wanted": PODS})
    add(0.1, "ReplicaSet", "web-0", {"image": IMAGES[0]})
    old = [pod(1 + number / A_SECOND, number, 0) for number in range(PODS)]
    update = 2 + PODS / A_SECOND + 5
    add(update, "ReplicaSet", "web-1", {"image": IMAGES[1]})
    for number, node in enumerate(old):
        at = update + 1 + number * 2 / A_SECOND
        on[node] -= 1
        add(at, "Pod", f"web-0-{number}", None)
        pod(at + 1 / A_SECOND, number, 1)
    return sorted(changes, key=lambda change: change.at)


def expected(changes: list[Change], at: float) -> list[Counter[int]]:
    """The ready Pods of both ReplicaSets on each node at a time, by the changes."""
    there: dict[str, Fields] = {}
    for change in changes:
        if change.at >= at:
            break
        if change.kind == "Pod":
            if change.fields is None:
                del there[change.name]
            else:
                there[change.name] = change.fields
    return [
        Counter(
            int(fields["node"].removeprefix("scale-"))
            for fields in there.values()
            if fields["ready"] and fields["owner"] == owner
        )
        for owner in ("web-0", "web-1")
    ]


@pytest.fixture(scope="module")
def run() -> dict[str, Any]:
    """What a recording would have."""
    known = json.loads((ROOT / "recordings" / "scale.json").read_text())
    return {**known, **node_counts.recorded(made_up(), PROGRAM)}


def put(run: dict[str, Any], tree: Path) -> None:
    """Have a tree's page show this run."""
    page = tree / "docs" / "scale.md"
    if MARKER not in page.read_text():
        page.write_text(page.read_text() + f"\n{MARKER}\n")
    text = json.dumps(run, separators=(",", ":"))
    (tree / "recordings" / "scale.json").write_text(text)


@pytest.fixture(scope="module")
def folder(run: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site with this run."""
    where = tmp_path_factory.mktemp("scale")
    tree = small_tree(where / "tree", stories=("rollouts", "scale"))
    put(run, tree)
    done = build(tree, where / "out")
    assert done.returncode == 0, done.stderr
    return where / "out"


@pytest.fixture
def replay(page: Page, folder: Path) -> Iterator[Locator]:
    errors: list[str] = []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    with served(folder) as address:
        page.goto(f"{address}scale/")
        element = page.locator("run-replay")
        expect(element.get_by_role("button", name="Play", exact=True)).to_be_visible()
        yield element
    assert not errors


def pods_in(path: str, top: int) -> Counter[int]:
    """How many Pods the bars of a path stand for, by node."""
    counts: Counter[int] = Counter()
    for bar in path.split("M")[1:]:
        corner, rest = bar.split("h", 1)
        left, bottom = map(float, corner.split())
        height = -float(rest.partition("v")[2].partition("h")[0])
        node = int(left // 10) + 20 * int((bottom - 0.01) // 10)
        counts[node] = round(height * top / 8)
    return counts


def test_recorded_is_what_happened(run: dict[str, Any]) -> None:
    changes = made_up()
    now = [Counter[int](), Counter[int]()]
    for number, (at, *moved, _, _) in enumerate(run["frames"]):
        for which, places in enumerate(moved):
            for node in places:
                now[which // 2][node] += -1 if which % 2 else 1
        if number % 40 == 0:
            assert [+each for each in now] == expected(changes, at / 1000)
    assert [each.total() for each in now] == [0, PODS]
    lines = PROGRAM.read_text().splitlines()
    for _, _, line, verb, *_ in run["requests"]:
        assert f"{verb}_namespaced_deployment(" in lines[line - 1]


@pytest.mark.slow
def test_recording_is_small(run: dict[str, Any], folder: Path) -> None:
    assert len(json.dumps(run, separators=(",", ":"))) < 60_000
    page = (folder / "scale" / "index.html").read_bytes()
    figure = page[page.index(b'<figure class="replay"') :]
    figure = figure[: figure.index(b"</figure>")]
    assert len(gzip.compress(figure)) < 11_000


def test_cells_show_what_happened(replay: Locator) -> None:
    picture = replay.locator(".replay__nodes")
    top = int(picture.get_attribute("data-top") or 0)
    changes = made_up()
    moments = json.loads(replay.get_attribute("data-moments") or "")

    def shown() -> list[Counter[int]]:
        paths = [picture.locator(f".{kind}").get_attribute("d") for kind in KINDS]
        return [pods_in(path or "", top) for path in paths]

    # Where the script takes over, and on the way.
    at = moments[int(replay.get_attribute("data-moment") or 0)][1]
    assert shown() == expected(changes, at / 1000)
    for played, at in moments[:: len(moments) // 9]:
        replay.evaluate("(r, at) => r.goTo(at)", played)
        counts = expected(changes, at / 1000)
        assert shown() == counts
        numbers = replay.locator("[data-of]").all_inner_texts()
        assert numbers[::2] == [f"{each.total():,}" for each in counts]
    replay.get_by_label("Time").press("End")
    assert [each.total() for each in shown()] == [0, PODS]
    expect(replay.locator("tr.ahead")).to_have_count(0)
    rows = replay.locator("tbody tr").all_inner_texts()
    assert len(rows) < 20
    for goal in ("500 Pods are ready", "1,000 Pods are ready", "the last Pod goes"):
        assert any(goal in row for row in rows)


def test_picture_stands_there_without_scripts(browser: Browser, folder: Path) -> None:
    still: list[str | None] = []
    with served(folder) as address:
        for scripts in (False, True):
            context = new_context(
                browser,
                java_script_enabled=scripts,
                viewport={"width": 390, "height": 844},
            )
            page = context.new_page()
            page.goto(f"{address}scale/")
            replay = page.locator("run-replay")
            if scripts:
                play = replay.get_by_role("button", name="Play", exact=True)
                expect(play).to_be_visible()
            drawn = [
                replay.locator(f".replay__nodes .{kind}").get_attribute("d")
                for kind in KINDS
            ]
            assert all(drawn)
            if scripts:
                assert drawn == still, "the script draws it as the build has"
                width = page.evaluate("document.documentElement.scrollWidth")
                assert width == 390
            still = drawn
            expect(replay.get_by_role("row").nth(1)).to_be_visible()
            context.close()
