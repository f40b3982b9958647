"""recordings/stories/ has what these very programs asked, and they can be played it.

The story's programs run first, since pytest takes test_stories.py before this file.
"""

import shutil
from pathlib import Path

import pytest
from pytest_examples import EvalExample

from book.run_in_page import recording
from sandbox import story
from tests.examples import exchange_recordings
from tests.examples.conftest import FOLDERS
from tests.examples.exchange import Noted
from tests.examples.exchange_player import Player
from tests.examples.exchange_recordings import DRIVER, ROOT
from tests.examples.output import check
from tests.examples.story_run import StoryRun

# Such as its kubeconfig, the audit log or the date.
NEEDS_MORE = "it reads more than the API server's answers"


@pytest.fixture(scope="session")
def to_be_recorded(pytestconfig: pytest.Config) -> None:
    """Skip before a story is set up for nothing."""
    if not pytestconfig.getoption("record"):
        pytest.skip("recorded with --record only")


@pytest.mark.usefixtures("to_be_recorded")
@pytest.mark.story(*(folder.name for folder in FOLDERS))
def test_exchange_is_recorded(
    story_run: StoryRun, eval_example: EvalExample, tmp_path: Path
) -> None:
    if story_run.exchanges is None:
        pytest.skip(f"recorded on {DRIVER} only")
    told, runs, why_not = story_run.story, story_run.exchanges, dict[str, str]()
    ran = [p for p in told.programs if p.path.name not in story_run.skipped]
    if story_run.failed or [p.path.name for p in ran] != [*runs]:
        pytest.fail("its programs were not all run, or not well", pytrace=False)
    for program in told.programs:
        name = program.path.name
        if name in story_run.skipped:
            missing = program.needs - story_run.cluster.capabilities
            why_not[name] = exchange_recordings.obstacle(program, missing)
    made = {v for run in runs.values() for v in exchange_recordings.values_made(run)}
    for name, run in runs.items():
        if run.why_not is None:
            run.why_not = _played(told, name, run, eval_example, tmp_path)
        found = exchange_recordings.secret(f"{told.name}/{name}", run, made)
        if found and run.why_not is None:
            pytest.fail(found, pytrace=False)
        if found:
            run.unlisted = exchange_recordings.SECRET
    watcher = story_run.watcher
    assert watcher is None or not watcher.broken, watcher.broken
    exchange_recordings.write(told, story_run.cluster, runs, why_not, watcher)


def _played(
    told: story.Story, name: str, run: Noted, runner: EvalExample, folder: Path
) -> str | None:
    """Play a program what was noted of it: why it does something else, or None."""
    player = Player(run)
    (path,) = [p.path for p in told.programs if p.path.name == name]
    try:
        with player.playing(told.name, told.namespace, folder):
            check(path, runner, lambda: "  none: it is played what it was answered")
    except pytest.fail.Exception as failure:
        print(failure)  # shown where the test fails, and by -rA
        return player.problem or NEEDS_MORE
    return player.problem


@pytest.mark.parametrize("story_folder", FOLDERS, ids=lambda folder: folder.name)
def test_recorded_programs_print_what_they_say(
    story_folder: Path,
    eval_example: EvalExample,
    tmp_path: Path,
    pytestconfig: pytest.Config,
) -> None:
    if pytestconfig.getoption("record") or pytestconfig.getoption("update_examples"):
        pytest.skip("it is being recorded")
    told = story.load(story_folder)
    if fault := recording.fault(ROOT, told):
        pytest.fail(fault, pytrace=False)
    programs = recording.read(ROOT, told.name)["programs"]
    assert programs.keys() == {program.path.name for program in told.programs}
    for name, program in programs.items():
        if program["why_not"] is None:
            run = exchange_recordings.noted(program)
            assert _played(told, name, run, eval_example, tmp_path) is None, name


def test_nothing_that_is_recorded_is_secret() -> None:
    for path in sorted((ROOT / recording.FOLDER).iterdir()):
        name = path.name.partition(".")[0]
        programs = recording.read(ROOT, name)["programs"].items()
        runs = {
            each: exchange_recordings.noted(p) for each, p in programs if "start" in p
        }
        made = set[str]().union(*map(exchange_recordings.values_made, runs.values()))
        for each, run in runs.items():
            assert exchange_recordings.secret(f"{name}/{each}", run, made) is None


def test_recording_is_stale_when_a_program_changes(tmp_path: Path) -> None:
    folder = tmp_path / "deployments"
    shutil.copytree(ROOT / "examples" / "deployments", folder)
    program = min(folder.glob("*.py"))
    program.write_text(program.read_text() + "# changed\n")
    assert recording.fault(ROOT, story.load(folder)) == (
        "examples/deployments has changed since it was recorded: "
        "run `make test SANDBOX=kwok "
        "PYTEST_ARGS='tests/examples -k [deployments --record'`"
    )
