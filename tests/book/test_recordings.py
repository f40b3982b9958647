"""What pages show as recorded is whole, or the build ends and says what to do."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from book.replay import scene
from book.run_in_page import recording
from sandbox.story import load
from tests.bench import record
from tests.book.pages import FAULT, Pages, linked, replace
from tests.site.build import ROOT


@pytest.mark.parametrize("story", sorted(record.STORIES))
def test_recording_is_of_the_programs_on_the_page(story: str) -> None:
    recorded = json.loads(record.recording(story).read_text())
    assert recorded["program"] == record.program_hash(story), (
        f"examples/{story} has changed since the run whose figures the page has: "
        f"python -m tests.bench.record {story}"
    )
    assert recorded["driver"] == record.STORIES[story].driver


def _cut_off(tree: Path) -> None:
    whole = recording.file_of(ROOT, "rollouts").read_bytes()
    path = recording.file_of(tree, "rollouts")
    path.unlink()
    path.write_bytes(whole[:5_000])


def _without_a_field(tree: Path) -> None:
    content = recording.read(ROOT, "rollouts")
    text = json.dumps(content).replace('"going"', '"gone"')
    recording.file_of(tree, "rollouts").unlink()
    recording.write(tree, load(ROOT / "examples" / "rollouts"), json.loads(text))


def _gone(tree: Path) -> None:
    recording.file_of(tree, "rollouts").unlink()


def _without_nodes(tree: Path) -> None:
    known = json.loads((ROOT / "recordings" / "scale.json").read_text())
    known.pop("frames")
    replace(tree / "recordings" / "scale.json", json.dumps(known))


ANEW = "run `make test SANDBOX=kwok PYTEST_ARGS='tests/examples -k [rollouts --record'`"
ANEW_AT_SCALE = (
    "python -m tests.bench.record scale --nodes 200 --pods 2000 --deadline 900"
)
SAYS: dict[Callable[[Path], None], str] = {
    _cut_off: "rollouts.json.xz: not a recording (",
    _gone: f"there is no recordings/stories/rollouts.json.xz: {ANEW}",
    _without_a_field: (
        "recordings/stories/rollouts: not the recording of a run (KeyError('going')): "
    ),
    _without_nodes: (
        f"not the recording of a run on nodes (KeyError('frames')): {ANEW_AT_SCALE}"
    ),
}


@pytest.mark.parametrize("broken", SAYS, ids=lambda b: b.__name__.strip("_"))
def test_build_fails_where_a_recording_is(
    tmp_path: Path, broken: Callable[[Path], None]
) -> None:
    tree = linked(tmp_path, without="recordings")
    broken(tree)
    page = "scale.md" if broken is _without_nodes else "rollouts.md"
    with pytest.raises(FAULT, match=re.escape(SAYS[broken])):
        Pages(tree).page(page)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (
            "rollouts",
            "rollouts.md, `replay | rollouts`: it can't be read: write STORY/NAME",
        ),
        ("rollouts/99_none.py", "`replay | rollouts/99_none.py`: 99_none.py is not in"),
        (
            "self-healing/04_crash.py",  # it needs containers, and so was not recorded
            "`replay | self-healing/04_crash.py`: 04_crash.py is not in",
        ),
    ],
)
def test_build_fails_where_a_page_asks_for(pages: Pages, asked: str, says: str) -> None:
    with pytest.raises(FAULT, match=re.escape(says)):
        pages.page("rollouts.md", text=f"/// replay | {asked}\n///\n")


@pytest.mark.parametrize("page", ["rollouts.md", "scale.md"])
def test_recordings_are_drawn_as_they_are(pages: Pages, page: str) -> None:
    assert pages.html(page).select("run-replay")


@pytest.mark.parametrize(
    ("method", "path", "says"),
    [
        ("POST", "/api/v1/nodes", ("create", "nodes", "")),
        ("DELETE", "/api/v1/namespaces/n", ("delete", "namespaces", "n")),
        ("DELETE", "/api/v1/namespaces/n/pods", ("deletecollection", "pods", "")),
        (
            "POST",
            "/api/v1/namespaces/n/pods/a/eviction",
            ("create", "pods/eviction", "a"),
        ),
        (
            "PATCH",
            "/apis/apps/v1/namespaces/n/deployments/web",
            ("patch", "deployments.apps", "web"),
        ),
    ],
)
def test_request_in_the_words_of_rbac(
    method: str, path: str, says: tuple[str, str, str]
) -> None:
    sent = {"at": 5, "method": method, "path": path, "line": 7, "status": 200}
    assert scene.request("01.py", 10, sent) == (15, "01.py", 7, *says, 200)
