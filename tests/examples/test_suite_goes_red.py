"""The checks on stories can fail: each is seen on a small story with one thing broken.

All of them run in a copy of the tree, by one pytest, on the cluster of this run.
"""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from sandbox.cluster import Cluster
from tests.examples.small_story import Outcome, SmallStory, SmallSuite

pytestmark = [pytest.mark.one_driver, pytest.mark.xdist_group("suite goes red")]

# A list, by the client for asyncio, of which the program knows nothing.
LIST_ELSEWHERE = '''\
import subprocess
import sys

code = """
import asyncio
import sys
from kubernetes.aio import client, config

async def main():
    await config.load_kube_config()
    async with client.ApiClient() as api:
        await client.CoreV1Api(api).list_namespaced_config_map(sys.argv[1])

asyncio.run(main())
"""
subprocess.run([sys.executable, "-c", code, NAMESPACE], check=True)
'''


def require_audit_log(cluster: Cluster, says: str) -> None:
    """Skip what only a cluster with an audit log can say."""
    if "no program used" in says and cluster.audit_log is None:
        pytest.skip(f"the driver {cluster.driver} has no audit log")


def _nothing(small: SmallStory) -> None:
    pass


def _uses_a_right_in_another_process(small: SmallStory) -> None:
    _grants_a_verb_too_many(small)
    small.replace(small.program, "if made.data:", LIST_ELSEWHERE + "if made.data:")


def _changed_output(small: SmallStory) -> None:
    small.replace(small.program, "#> note", "#> another note")


def _raises(small: SmallStory) -> None:
    small.replace(
        small.program, "if made.data:", "raise KeyError('gone')\nif made.data:"
    )


def _prints_nothing(small: SmallStory) -> None:
    small.replace(small.program, "print(made.metadata.name)\n#> note\n", "")


def _output_never_reached(small: SmallStory) -> None:
    small.replace(
        small.program,
        'print("it holds data")',
        'print("it holds data")\n    #> it holds data',
    )


def _lacks_a_verb(small: SmallStory) -> None:
    small.replace(small.setup, "[create, delete]", "[create]")


def _grants_a_verb_too_many(small: SmallStory) -> None:
    small.replace(small.setup, "[create, delete]", "[create, delete, list]")


def _grants_a_wildcard(small: SmallStory) -> None:
    text = small.setup.read_text()
    small.setup.write_text(re.sub(r"verbs: .*", 'verbs: ["*"]', text))


def _leaves_a_config_map(small: SmallStory) -> None:
    small.replace(
        small.program, 'core.delete_namespaced_config_map("note", NAMESPACE)\n', ""
    )
    small.replace(small.setup, "[create, delete]", "[create]")


def _imports_what_it_does_not_declare(small: SmallStory) -> None:
    small.replace(
        small.program, "from kubernetes import", "import yaml\nfrom kubernetes import"
    )


def _has_a_program_that_is_not_run(small: SmallStory) -> None:
    (small.program.parent / "unnumbered.py").write_text(small.program.read_text())


def _writes_a_fence_that_is_not_found(small: SmallStory) -> None:
    small.page.write_text(small.page.read_text() + "\n~~~python\nprint(1)\n~~~\n")


def _writes_a_fence_with_wrong_output(small: SmallStory) -> None:
    small.page.write_text(
        small.page.read_text() + "\n```python\nprint(1 + 1)\n#> 3\n```\n"
    )


GREEN = [_nothing, _uses_a_right_in_another_process]

RED: dict[Callable[[SmallStory], None], str] = {
    _changed_output: "+#> note",
    _raises: "KeyError: 'gone'",
    _prints_nothing: "it printed nothing",
    _output_never_reached: "a print that was never reached",
    _lacks_a_verb: "cannot delete resource",
    _grants_a_verb_too_many: "grants what no program used: ['list configmaps']",
    _grants_a_wildcard: "grants wildcards",
    _leaves_a_config_map: "left behind: configmaps/note",
    _imports_what_it_does_not_declare: "pyyaml",
    _has_a_program_that_is_not_run: "unnumbered.py",
    _writes_a_fence_that_is_not_found: "use ```python",
    _writes_a_fence_with_wrong_output: "+#> 2",
}


class Run(NamedTuple):
    """The stories, by what was done to each, and what came of their run."""

    stories: dict[Callable[[SmallStory], None], SmallStory]
    outcome: Outcome


@pytest.fixture(scope="module")
def ran(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Run:
    suite = SmallSuite(tmp_path_factory.mktemp("suite") / "tree")
    stories = {change: suite.story() for change in [*GREEN, *RED]}
    for change, small in stories.items():
        change(small)
    return Run(stories, suite.run(cluster))


def _name(change: object) -> str:
    return getattr(change, "__name__", "").strip("_")


@pytest.mark.parametrize("change", GREEN, ids=_name)
def test_green_when_it_does(ran: Run, change: Callable[[SmallStory], None]) -> None:
    assert not ran.outcome.in_its_tests(ran.stories[change].name)
    assert f"of {len(ran.stories)} programs ran" in ran.outcome.printed


@pytest.mark.parametrize("change", RED, ids=_name)
def test_red_when_it(
    ran: Run, cluster: Cluster, change: Callable[[SmallStory], None]
) -> None:
    require_audit_log(cluster, RED[change])
    assert RED[change] in ran.outcome.of(ran.stories[change].name)
    assert ran.outcome.code == 1


def test_says_what_it_cant_tell_without_an_audit_log(
    cluster: Cluster, tmp_path: Path
) -> None:
    suite = SmallSuite(tmp_path / "tree")
    unused, wide = suite.story(), suite.story()
    _grants_a_verb_too_many(unused)
    _grants_a_wildcard(wide)
    outcome = suite.run(dataclasses.replace(cluster, audit_log=None))
    says = "without an audit log, current can't tell what programs used"
    assert says in outcome.printed
    assert not outcome.in_its_tests(unused.name)
    assert "grants wildcards" in outcome.of(wide.name)
