"""What pages show as recorded is whole, or the build ends and says what to do."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from mkdocs.exceptions import PluginError

from tests.bench.record import STORIES, program_hash, recording
from tests.book.pages import Pages, linked, replace
from tests.site.build import ROOT

RECORDINGS = ROOT / "recordings"


@pytest.mark.parametrize("story", sorted(STORIES))
def test_recording_is_of_the_programs_on_the_page(story: str) -> None:
    recorded = json.loads(recording(story).read_text())
    assert recorded["program"] == program_hash(story), (
        f"examples/{story} has changed since the run whose figures the page has: "
        f"python -m tests.bench.record {story}"
    )
    assert recorded["driver"] == STORIES[story].driver


def _cut_off(tree: Path) -> None:
    text = (RECORDINGS / "replay-rollouts.json").read_text()
    replace(tree / "recordings" / "replay-rollouts.json", text[:5_000])


def _without_a_field(tree: Path) -> None:
    text = (RECORDINGS / "replay-rollouts.json").read_text()
    path = tree / "recordings" / "replay-rollouts.json"
    replace(path, text.replace('"going"', '"gone"'))


def _gone(tree: Path) -> None:
    (tree / "recordings" / "replay-rollouts.json").unlink()


def _without_nodes(tree: Path) -> None:
    known = json.loads((RECORDINGS / "scale.json").read_text())
    known.pop("frames")
    replace(tree / "recordings" / "scale.json", json.dumps(known))


ANEW = "record it by `make test SANDBOX=kwok PYTEST_ARGS='-k rollouts --record'`"
ANEW_AT_SCALE = (
    "python -m tests.bench.record scale --nodes 200 --pods 2000 --deadline 900"
)
SAYS: dict[Callable[[Path], None], str] = {
    _cut_off: "replay-rollouts.json: not the recording of a run (JSONDecodeError",
    _gone: f"replay-rollouts.json is not there: {ANEW}",
    _without_a_field: (
        "replay-rollouts.json: not the recording of a run (KeyError('going')): "
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
    with pytest.raises(PluginError, match=re.escape(SAYS[broken])):
        Pages(tree).page(page)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("rollouts", "rollouts.md: can't read `replay | rollouts`: write STORY/NAME"),
        ("rollouts/99_none.py", "rollouts.md replays 99_none.py, which is not in"),
    ],
)
def test_build_fails_where_a_page_asks_for(asked: str, says: str) -> None:
    with pytest.raises(PluginError, match=re.escape(says)):
        Pages().page("rollouts.md", text=f"/// replay | {asked}\n///\n")


@pytest.mark.parametrize("page", ["rollouts.md", "scale.md"])
def test_recordings_are_drawn_as_they_are(page: str) -> None:
    assert Pages().html(page).select("run-replay")
