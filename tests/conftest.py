"""Options of the suite, and for each driver the cluster that all workers share."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, cast

import pytest
from filelock import FileLock

from sandbox import inventory, lifecycle, processes
from sandbox.cluster import Cluster
from sandbox.errors import UserError
from tests import at_rest, drivers
from tests.examples import own_cluster
from tests.run_folder import MARK, RunFolder, remove_those_left
from tests.run_record import RunRecord

run_directory = pytest.StashKey[Path]()
_left = pytest.StashKey[list[str]]()

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("sandbox", "the cluster that the examples run on")
    group.addoption(
        "--sandbox",
        action="append",
        choices=["kwok", "kind", "current"],
        help="driver (default: kwok, which needs no Docker); may be given twice",
    )
    group.addoption("--context", help="kubeconfig context, with --sandbox current")
    group.addoption(
        "--record", action="store_true", help="write recordings/ from this run"
    )
    group.addoption(
        "--changed",
        action="store_true",
        help="fast tests, and the stories and test files that git says have changed",
    )
    group.addoption("--kubernetes", help="Kubernetes version, such as 1.36 (kind)")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    # Two workers that rewrite the same file would corrupt it.
    if config.getoption("update_examples"):
        config.option.numprocesses = 0
        config.option.dist = "no"


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """More workers than cores, since a story mostly waits for the cluster; but with
    many more, the cluster waits for the workers, and its own deadlines pass.

    Fast tests wait for nothing, and each worker takes seconds to find them.
    """
    cores = os.cpu_count() or 1
    of_parts = all(each.startswith("tests/book") for each in config.args)
    return cores if config.getoption("changed") or of_parts else 2 * cores


def pytest_configure(config: pytest.Config) -> None:
    worker_input = _worker_input(config)
    if worker_input:
        config.stash[run_directory] = Path(worker_input["run_directory"])
        return
    current = "current" in drivers.chosen(config)
    if config.getoption("context") and not current:
        raise pytest.UsageError("--context goes with --sandbox current")
    if current and not config.getoption("context"):
        raise pytest.UsageError("--sandbox current needs --context NAME")
    if config.getoption("record") and config.getoption("update_examples"):
        # Then programs run without their output, and their lines have other numbers.
        raise pytest.UsageError("--record goes without --update-examples, after it")
    if current and len(drivers.chosen(config)) > 1:
        raise pytest.UsageError("--sandbox current goes with no other driver")
    for number in _ENDING:
        signal.signal(number, _interrupt)
    config.stash[_left] = remove_those_left()
    folder = RunFolder()
    config.add_cleanup(folder.remove)
    config.stash[run_directory] = folder.path
    # Workers and programs inherit it. kubectl's own choice is your ~/.kube/cache.
    os.environ["KUBECACHEDIR"] = str(config.stash[run_directory] / "kubectl")
    config.pluginmanager.register(RunRecord(), "run-record")


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """End the run as Ctrl-C would, so that it clears up; a second does not end that."""
    for each in _ENDING:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


def pytest_report_header(config: pytest.Config) -> list[str]:
    return [
        f"found what a killed run had left: {x}" for x in config.stash.get(_left, [])
    ]


def pytest_configure_node(node: Any) -> None:
    node.workerinput["run_directory"] = str(node.config.stash[run_directory])


def _worker_input(config: pytest.Config) -> dict[str, Any] | None:
    return cast("dict[str, Any] | None", getattr(config, "workerinput", None))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What runs on a cluster runs once for each driver."""
    if "driver" in metafunc.fixturenames:
        names = drivers.of_test(metafunc.definition, metafunc.config)
        metafunc.parametrize("driver", names, indirect=True, scope="session")


# Without these, a test needs no cluster, no build of the site, no browser, no server.
_SLOW_FIXTURES = {
    "driver",
    "world",
    "shared_world",
    "site",
    "published",
    "unpublished",
    "unpacked",
    "browser",
    "installed",
}


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """With --changed, leave out what takes time and is about nothing that changed."""
    if not config.getoption("changed"):
        return
    changed = changed_files(config.rootpath)
    stories = {
        path.parent if path.parent.parent.name == "examples" else path.with_suffix("")
        for path in changed
    }

    def is_wanted(item: pytest.Item) -> bool:
        callspec = getattr(item, "callspec", None)
        params = callspec.params if callspec else {}
        story = params.get("story_run") or params.get("story_folder")
        if item.path in changed or (story and story.with_suffix("") in stories):
            return True
        fixtures: set[str] = {*getattr(item, "fixturenames", ())}
        slow = _SLOW_FIXTURES & fixtures or item.get_closest_marker("slow")
        return not slow and not story

    left_out = [item for item in items if not is_wanted(item)]
    items[:] = [item for item in items if is_wanted(item)]
    config.hook.pytest_deselected(items=left_out)


def changed_files(root: Path) -> set[Path]:
    """What differs from the last commit, and what git does not have yet."""
    listed = subprocess.run(
        ["git", "status", "--porcelain", "-z", "--untracked-files=all"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    return {root / line[3:] for line in listed.split("\0") if line}


@pytest.fixture(scope="session")
def driver(request: pytest.FixtureRequest) -> str:
    """The driver of the cluster that a test runs on."""
    return request.param


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest, driver: str) -> Cluster:
    """The run's own cluster, started by the first test of any worker that asks.

    It has a name of its own, so that a sandbox of yours is not touched.
    """
    config = request.config
    directory = config.stash[run_directory] / driver
    directory.mkdir(exist_ok=True)
    with FileLock(directory / "lock"):
        name_file, failure = directory / "name", directory / "failure"
        if failure.exists():
            pytest.fail(failure.read_text(), pytrace=False)
        if not name_file.exists():
            name = f"test-{os.getpid()}-{driver}"
            try:
                running = lifecycle.up(
                    name,
                    driver=driver,
                    kubernetes=config.getoption("kubernetes"),
                    context=config.getoption("context"),
                )
                if running.driver != "current":
                    _write_inventory(running, directory / "before.json")
            except UserError as error:
                failure.write_text(f"no cluster: {error}")
                lifecycle.down(name)  # it may be up, and has not come to rest
                pytest.fail(failure.read_text(), pytrace=False)
            name_file.write_text(name)
        running = lifecycle.find(name_file.read_text())
    assert running is not None
    return running


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(
    session: pytest.Session, exitstatus: int | pytest.ExitCode
) -> Iterator[None]:
    config = session.config
    if _worker_input(config):
        yield
        return
    directory = config.stash[run_directory]
    if exitstatus == pytest.ExitCode.INTERRUPTED:
        if config.getoption("numprocesses"):
            # Workers, and what they have started, in the middle of whatever it is.
            processes.end(directory, MARK)
        yield
        return
    yield  # the workers are done
    record = cast(RunRecord, config.pluginmanager.getplugin("run-record"))
    own = own_cluster.noted(directory)
    for name_file in sorted(directory.glob("*/name")):
        running = lifecycle.find(name_file.read_text())
        assert running is not None
        # Where others work too, their objects come and go: each story's own
        # namespace is compared there, the whole cluster is not.
        shared = running.driver == "current"
        before = name_file.with_name("before.json")
        difference = [] if shared else _difference(running, before)
        record.finish(running.driver, running.kubernetes, difference)
        if difference:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
    for note in own.values():
        if note["driver"] not in record.finished:
            record.finish(**note, left=[])
    record.write()


def _write_inventory(cluster: Cluster, path: Path) -> None:
    before = at_rest.objects(cluster)
    path.write_text(json.dumps([astuple(o) for o in sorted(before)]))


def _difference(cluster: Cluster, before_path: Path) -> list[str]:
    before = {inventory.Object(*item) for item in json.loads(before_path.read_text())}
    return at_rest.difference(cluster, before)
