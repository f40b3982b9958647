"""recordings/replay-STORY.json is what watches saw of these very programs.

The story's programs run first, since pytest takes test_stories.py before this file.
"""

import shutil
from pathlib import Path

import pytest

from tests.examples import replays
from tests.examples.story_run import StoryRun


@pytest.mark.parametrize("story", replays.STORIES)
def test_recording_is_of_these_programs(
    story: str, pytestconfig: pytest.Config
) -> None:
    if pytestconfig.getoption("record"):
        pytest.skip("it is being recorded")
    assert replays.fault(replays.EXAMPLES / story) is None


@pytest.mark.parametrize("story", replays.STORIES)
def test_recording_is_stale_when_a_program_changes(story: str, tmp_path: Path) -> None:
    folder = tmp_path / story
    shutil.copytree(replays.EXAMPLES / story, folder)
    program = min(folder.glob("*.py"))
    program.write_text(program.read_text() + "# changed\n")
    assert replays.fault(folder) == (
        f"examples/{story} has changed since it was recorded: "
        f"run `make test SANDBOX=kwok PYTEST_ARGS='-k {story} --record'`"
    )


@pytest.mark.story(*replays.STORIES)
def test_run_is_recorded(story_run: StoryRun) -> None:
    watcher = story_run.watcher
    if watcher is None:
        pytest.skip(f"recorded with --record only, on {replays.DRIVER}")
    if story_run.failed or not watcher.ran:
        pytest.fail("its programs were not all run, or not well", pytrace=False)
    assert not watcher.broken, watcher.broken
    ran = [ran.program for ran in watcher.ran]
    programs = [program.path.name for program in story_run.story.programs]
    assert [p for p in programs if p not in story_run.skipped] == ran
    assert story_run.log is not None
    sent = {request.audit_id for request in watcher.requests}
    asked = story_run.log.wait_for(lambda asked: sent <= {a.audit_id for a in asked})
    lost = sent - {a.audit_id for a in asked}
    assert not lost, f"of {len(sent)} requests, the audit log lacks {len(lost)}"
    replays.write(story_run.story.name, story_run.cluster, watcher, asked)
