"""Finds stories and notebooks; gives each its set-up, group of tests and worker."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import cast

import pytest

from sandbox.cluster import Cluster
from sandbox.story import Program, is_notebook, load
from tests import machine
from tests.conftest import run_directory
from tests.examples import (
    audit_log,
    deletions,
    exchange_recordings,
    notebook,
    own_cluster,
)
from tests.examples.own_cluster import OwnClusters
from tests.examples.story_run import StoryRun

ROOT = Path(__file__).parent.parent.parent
FOLDERS = sorted(p.parent for p in (ROOT / "examples").glob("*/setup.yaml"))
# Programs for a system that no driver is. They are no stories.
ELSEWHERE = sorted({p.parent for p in (ROOT / "examples").glob("*/*.py")} - {*FOLDERS})
SITE = ROOT / "tests" / "site"
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


# The longest groups of tests, which mostly wait: begun first, they end before the rest
# does. `make test PYTEST_ARGS=--durations=30` shows what takes long.
LONGEST = (
    "kwok-accidents",
    "kwok",
    "autoscaling.ipynb",
    machine.BUSY,
    "contributing",
    "self-healing",
    "architecture",
    "autoscaling",
    "stopped components",
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each story, or for each program where the test takes one.

    A test with the mark `story` is about the story that this names, and no other.

    All tests of a story carry the same group, so that one worker runs them in order.
    """
    if "story_run" not in metafunc.fixturenames:
        return
    mark = metafunc.definition.get_closest_marker("story")
    every = [*FOLDERS, *NOTEBOOKS]
    folders = [f for f in every if mark is None or f.name in mark.args]
    stories = {folder: load(folder) for folder in folders}
    if "program" in metafunc.fixturenames:
        metafunc.parametrize(
            ("story_run", "program"),
            [
                pytest.param(
                    folder,
                    program,
                    id=f"{folder.name}/{program.path.name}",
                    marks=[pytest.mark.xdist_group(folder.name), *_limit(program)],
                )
                for folder, story in stories.items()
                for program in story.programs
            ],
            indirect=["story_run"],
            scope="session",
        )
    else:
        metafunc.parametrize(
            "story_run",
            [
                pytest.param(f, id=f.name, marks=pytest.mark.xdist_group(f.name))
                for f in folders
            ],
            indirect=True,
            scope="session",
        )


def _limit(program: Program) -> list[pytest.MarkDecorator]:
    """A notebook may take as long as each of its cells may, and a little longer."""
    seconds = notebook.CELL_SECONDS + 60
    return [pytest.mark.timeout(seconds)] if is_notebook(program.path) else []


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Groups first, and of them the longest, each with its tests in the order written.

    A story is one, and pytest would bring its tests together in an order of its own.
    So are, as `machine.BUSY`, the tests that each keep a machine busy.
    Tests of the site come last, in the same way: their browser leaves a worker with an
    event loop that runs, in which no program can start one.
    """
    for item in items:
        mark = item.get_closest_marker("xdist_group")
        if mark and mark.args[0] != machine.BUSY and (driver := _driver(item)):
            group = f"{mark.args[0]} on {driver}"
            item.own_markers[:] = [m for m in item.own_markers if m is not mark]
            item.add_marker(pytest.mark.xdist_group(group), append=False)
    written = {id(item): number for number, item in enumerate(items)}
    yield

    def place(item: pytest.Item) -> tuple[bool, bool, int, str, str, int]:
        of_site = item.path.is_relative_to(SITE)
        mark = item.get_closest_marker("xdist_group")
        group = str(mark.args[0]) if mark else ""
        name = group.removesuffix(f" on {_driver(item)}")
        turn = LONGEST.index(name) if name in LONGEST else len(LONGEST)
        return (of_site, not mark, turn, group, _driver(item) or "", written[id(item)])

    items.sort(key=place)


def _driver(item: pytest.Item) -> str | None:
    """The driver of a test that runs on a cluster."""
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("driver") if callspec else None


@pytest.fixture(scope="session", autouse=True)
def _all_is_gone_in_the_end() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    """See that what the worker's stories and tests have deleted is gone."""
    yield
    deletions.wait()


@pytest.fixture(scope="session")
def own_clusters(pytestconfig: pytest.Config) -> Iterator[OwnClusters]:
    """The clusters of stories that have one of their own."""
    kubernetes = pytestconfig.getoption("kubernetes")
    clusters = OwnClusters(pytestconfig.stash[run_directory], kubernetes)
    yield clusters
    clusters.release_all()


@pytest.fixture(scope="session")
def story_run(
    request: pytest.FixtureRequest,
    driver: str,
    own_clusters: OwnClusters,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[StoryRun]:
    """A story of examples/ or a notebook, set up; deleted after its last test."""
    story = load(cast(Path, request.param))
    directory = tmp_path_factory.mktemp(story.name)
    recorded = bool(request.config.getoption("record"))
    noted = (
        recorded
        and driver == exchange_recordings.DRIVER
        and not is_notebook(cast(Path, request.param))
    )
    watched = noted and story.name in exchange_recordings.REPLAYED
    own = own_clusters.of(story) if own_cluster.is_wanted(story, driver) else None
    # Not among the arguments: it may be that no story needs it.
    cluster: Cluster = own.cluster if own else request.getfixturevalue("cluster")
    with audit_log.of(story, cluster) as log:
        run = StoryRun(cluster, story, directory, log, own, watched, noted)
        yield run
        run.close()
    own_clusters.release(story)


@pytest.fixture(autouse=True)
def _named_in_the_record(request: pytest.FixtureRequest) -> None:  # pyright: ignore[reportUnusedFunction]
    if "story_run" in request.fixturenames:
        folder = cast(pytest.Function, request.node).callspec.params["story_run"]
        request.node.user_properties.append(("story", cast(Path, folder).name))
        driver = cast(str, request.getfixturevalue("driver"))
        request.node.user_properties.append(("driver", driver))
    if "program" in request.fixturenames:
        request.node.user_properties.append(("program", True))
