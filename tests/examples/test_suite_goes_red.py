"""The checks can fail: each is seen on a small story or notebook with one thing broken.

All of them run in a copy of the tree, by one pytest, on the cluster of this run.
"""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sandbox.cluster import Cluster
from tests import machine
from tests.examples.small_notebook import SmallNotebook
from tests.examples.small_story import Outcome, Small, SmallStory, SmallSuite, stopping

pytestmark = [pytest.mark.one_driver, pytest.mark.xdist_group(machine.BUSY)]

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


def _nothing(small: Small) -> None:
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


def _lacks_a_verb(small: Small) -> None:
    small.replace(small.setup, "[create, delete]", "[create]")


def _grants_a_verb_too_many(small: Small) -> None:
    small.replace(small.setup, "[create, delete]", "[create, delete, list]")


def _grants_a_wildcard(small: SmallStory) -> None:
    text = small.setup.read_text()
    small.setup.write_text(re.sub(r"verbs: .*", 'verbs: ["*"]', text))


def _leaves_a_config_map(small: SmallStory) -> None:
    small.replace(
        small.program,
        'core.delete_namespaced_config_map("note", NAMESPACE, _request_timeout=30)\n',
        "",
    )
    small.replace(small.setup, "[create, delete]", "[create]")


def _imports_what_it_does_not_declare(small: SmallStory) -> None:
    small.replace(
        small.program, "from kubernetes import", "import yaml\nfrom kubernetes import"
    )


def _has_a_program_that_is_not_run(small: SmallStory) -> None:
    (small.program.parent / "unnumbered.py").write_text(small.program.read_text())


def _writes_a_fence_that_is_not_run(small: SmallStory) -> None:
    small.page.write_text(small.page.read_text() + "\n~~~python\nprint(1)\n~~~\n")


def _has_something_stopped(small: SmallStory) -> None:
    small.program.write_text(stopping(small.name))


def _stored_output_is_another(small: SmallNotebook) -> None:
    small.made.cells[0].outputs[0].text = "another note\n"


def _cell_was_changed_after_the_run(small: SmallNotebook) -> None:
    small.change(0, "print(made", "print('the', made")


def _cell_raises(small: SmallNotebook) -> None:
    small.change(1, "core.delete", "raise KeyError('gone')\ncore.delete")
    small.stamp()


def _draws_no_plot(small: SmallNotebook) -> None:
    small.change(1, "SVG(", "len(")
    small.stamp()


def _does_not_describe_its_plot(small: SmallNotebook) -> None:
    small.change(1, "<title>It came, and it went away again.</title>", "")
    small.stamp()


def _does_not_delete(small: SmallNotebook) -> None:
    small.change(
        1,
        'core.delete_namespaced_config_map("note", NAMESPACE, _request_timeout=30)\n',
        "",
    )
    small.stamp()
    small.replace(small.setup, "[create, delete]", "[create]")


class Case(NamedTuple):
    """What is done to a story or a notebook, and what the suite says of it."""

    kind: Callable[[SmallSuite], Any]
    change: Callable[[Any], None]
    says: str = ""

    @property
    def name(self) -> str:
        of = " of a notebook" if self.kind is SmallNotebook else ""
        return self.change.__name__.strip("_") + of


GREEN = [
    Case(SmallStory, _nothing),
    Case(SmallStory, _uses_a_right_in_another_process),
    Case(SmallStory, _has_something_stopped),
    Case(SmallNotebook, _nothing),
]

UNUSED = "grants what no program used: ['list configmaps']"
RED = [
    Case(SmallStory, _changed_output, "+#> note"),
    Case(SmallStory, _raises, "KeyError: 'gone'"),
    Case(SmallStory, _prints_nothing, "it printed nothing"),
    Case(SmallStory, _output_never_reached, "a print that was never reached"),
    Case(SmallStory, _lacks_a_verb, "cannot delete resource"),
    Case(SmallStory, _grants_a_verb_too_many, UNUSED),
    Case(SmallStory, _grants_a_wildcard, "grants wildcards"),
    Case(SmallStory, _leaves_a_config_map, "left behind: configmaps/note"),
    Case(SmallStory, _imports_what_it_does_not_declare, "pyyaml"),
    Case(SmallStory, _has_a_program_that_is_not_run, "unnumbered.py"),
    Case(SmallStory, _writes_a_fence_that_is_not_run, "a program in examples/"),
    Case(SmallNotebook, _stored_output_is_another, "-stdout: another note"),
    Case(
        SmallNotebook,
        _cell_was_changed_after_the_run,
        "code cell 1 or one before it was changed",
    ),
    Case(SmallNotebook, _cell_raises, "KeyError: 'gone'"),
    Case(SmallNotebook, _draws_no_plot, "-image/svg+xml: a plot described in words"),
    Case(
        SmallNotebook,
        _does_not_describe_its_plot,
        "+image/svg+xml: a plot without <title>",
    ),
    Case(SmallNotebook, _lacks_a_verb, "cannot delete resource"),
    Case(SmallNotebook, _grants_a_verb_too_many, UNUSED),
    Case(SmallNotebook, _does_not_delete, "left behind: configmaps/note"),
]


class Run(NamedTuple):
    """The name of the story or notebook of each case, and what came of their run."""

    names: dict[Case, str]
    outcome: Outcome


@pytest.fixture(scope="module")
def ran(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Run:
    suite = SmallSuite(tmp_path_factory.mktemp("suite") / "tree")
    names: dict[Case, str] = {}
    for case in [*GREEN, *RED]:
        small: Small = case.kind(suite)
        case.change(small)
        small.save()
        names[case] = small.name
    return Run(names, suite.run(cluster))


@pytest.mark.parametrize("case", GREEN, ids=lambda case: case.name)
def test_green_when_it_does(ran: Run, case: Case) -> None:
    assert not ran.outcome.in_its_tests(ran.names[case])
    assert f"of {len(ran.names)} programs ran" in ran.outcome.printed


@pytest.mark.parametrize("case", RED, ids=lambda case: case.name)
def test_red_when_it(ran: Run, cluster: Cluster, case: Case) -> None:
    require_audit_log(cluster, case.says)
    assert case.says in ran.outcome.of(ran.names[case])
    assert ran.outcome.code == 1


def test_what_wants_something_stopped_is_skipped_and_counted_on_another_driver(
    ran: Run,
) -> None:
    assert "print what they say, 1 skipped" in ran.outcome.printed
    says = "it needs kube-scheduler to be stopped, which the driver"
    assert says in ran.outcome.printed


def test_says_what_it_cant_tell_without_an_audit_log(
    cluster: Cluster, tmp_path: Path
) -> None:
    suite = SmallSuite(tmp_path / "tree")
    unused, wide = SmallStory(suite), SmallStory(suite)
    _grants_a_verb_too_many(unused)
    _grants_a_wildcard(wide)
    outcome = suite.run(dataclasses.replace(cluster, audit_log=None), workers=0)
    says = "without an audit log, current can't tell what programs used"
    assert says in outcome.printed
    assert not outcome.in_its_tests(unused.name)
    assert "grants wildcards" in outcome.of(wide.name)
