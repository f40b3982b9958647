"""What pages show as recorded comes from the programs that they show, and is whole."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import replays
import scale_replay
from mkdocs.exceptions import PluginError

from tests.bench.record import STORIES, program_hash, recording
from tests.site.build import ROOT, copy
from tests.site.sources import sources


@pytest.mark.parametrize("story", sorted(STORIES))
def test_recording_is_of_the_programs_on_the_page(story: str) -> None:
    recorded = json.loads(recording(story).read_text())
    assert recorded["program"] == program_hash(story), (
        f"examples/{story} has changed since the run whose figures the page has: "
        f"python -m tests.bench.record {story}"
    )
    assert recorded["driver"] == STORIES[story].driver


def _cut_off(tree: Path) -> None:
    path = tree / "recordings" / "replay-rollouts.json"
    path.write_text(path.read_text()[:5_000])


def _without_a_field(tree: Path) -> None:
    path = tree / "recordings" / "replay-rollouts.json"
    path.write_text(path.read_text().replace('"going"', '"gone"'))


def _gone(tree: Path) -> None:
    (tree / "recordings" / "replay-rollouts.json").unlink()


def _misspelt(tree: Path) -> None:
    page = tree / "docs" / "rollouts.md"
    page.write_text(page.read_text() + "\n<!-- replay: rollouts -->\n")


def _of_no_program(tree: Path) -> None:
    page = tree / "docs" / "rollouts.md"
    page.write_text(page.read_text() + "\n<!-- replay: rollouts/99_none.py -->\n")


def _without_nodes(tree: Path) -> None:
    path = tree / "recordings" / "scale.json"
    known = json.loads(path.read_text())
    known.pop("frames")
    path.write_text(json.dumps(known))


ANEW = "record it by `make test SANDBOX=kwok PYTEST_ARGS='-k rollouts --record'`"
ANEW_AT_SCALE = (
    "python -m tests.bench.record scale --nodes 200 --pods 2000 --deadline 900"
)
SAYS: dict[Callable[[Path], None], str] = {
    _cut_off: "replay-rollouts.json: not the recording of a run (JSONDecodeError",
    _gone: f"replay-rollouts.json is not there: {ANEW}",
    _misspelt: "rollouts.md: can't read <!-- replay: rollouts -->: write STORY/NAME.py",
    _of_no_program: "rollouts.md replays 99_none.py, which is not in",
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
    tree = copy(tmp_path / "tree")
    broken(tree)
    page, hook = of_page(broken)
    with pytest.raises(PluginError, match=re.escape(SAYS[broken])):
        made_of(tree, page, hook)


def test_recordings_are_drawn_as_they_are() -> None:
    for page, hook in (of_page(_cut_off), of_page(_without_nodes)):
        assert "<run-replay" in made_of(ROOT, page, hook)


def of_page(broken: Callable[[Path], None]) -> tuple[str, ModuleType]:
    """The page that shows a recording, and the hook that draws it."""
    if broken is _without_nodes:
        return "scale.md", scale_replay
    return "rollouts.md", replays


def made_of(tree: Path, name: str, hook: ModuleType) -> str:
    """What a hook makes of the Markdown of a page."""
    seen = sources(tree)
    page = seen.page(name)
    return hook.on_page_markdown(page.markdown, page, seen.config, seen.files)
