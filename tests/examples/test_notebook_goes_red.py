"""The checks on notebooks can fail: each is seen on a small one with one thing broken.

All of them run in a copy of the tree, by one pytest, on the cluster of this run.
"""

import json
from collections.abc import Callable
from pathlib import Path
from string import Template
from typing import NamedTuple

import pytest

from sandbox.cluster import Cluster
from tests.examples import notebook
from tests.examples.small_story import SETUP, Outcome, SmallSuite
from tests.examples.test_suite_goes_red import require_audit_log

pytestmark = [pytest.mark.one_driver, pytest.mark.xdist_group("notebook goes red")]

CODE = [
    """\
# /// script
# requires-python = ">=3.11"
# dependencies = ["ipython", "kubernetes>=37,<38"]
# ///
from IPython.display import SVG
from kubernetes import client, config

NAMESPACE = "$story"

config.load_kube_config()
core = client.CoreV1Api()
made = core.create_namespaced_config_map(
    NAMESPACE, client.V1ConfigMap(metadata=client.V1ObjectMeta(name="note"))
)
print(made.metadata.name)""",
    """\
core.delete_namespaced_config_map("note", NAMESPACE)
SVG("<svg><title>It came, and it went away again.</title></svg>")""",
]
OUTPUTS = [
    {"output_type": "stream", "name": "stdout", "text": "note\n"},
    {
        "output_type": "execute_result",
        "execution_count": 2,
        "metadata": {},
        "data": {
            "image/svg+xml": "<svg><title>It went away.</title></svg>",
            "text/plain": "<IPython.core.display.SVG object>",
        },
    },
]


class SmallNotebook:
    """A notebook that was run, in which a test breaks one thing."""

    def __init__(self, suite: SmallSuite) -> None:
        name = suite.story().name
        self.path = suite.root / "docs" / "notebooks" / f"{name}-drawn.ipynb"
        self.path.parent.mkdir(exist_ok=True)
        self.setup = self.path.with_suffix(".yaml")
        self.setup.write_text(Template(SETUP).substitute(story=self.path.stem))
        self.made = notebook.from_dict(
            {
                "nbformat": 4,
                "nbformat_minor": 5,
                "metadata": {"language_info": {"name": "python"}},
                "cells": [
                    {
                        "cell_type": "code",
                        "execution_count": number,
                        "id": f"cell-{number}",
                        "metadata": {},
                        "outputs": [OUTPUTS[number - 1]],
                        "source": Template(code).substitute(story=self.path.stem),
                    }
                    for number, code in enumerate(CODE, 1)
                ],
            }
        )
        self.stamp()

    def stamp(self) -> None:
        """Make what is stored that of a run of these cells."""
        for cell, stamp in notebook.stamps(self.made):
            cell.metadata[notebook.RAN] = stamp

    def change(self, number: int, old: str, new: str) -> None:
        cell = self.made.cells[number]
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    def replace(self, path: Path, old: str, new: str) -> None:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


def _nothing(small: SmallNotebook) -> None:
    pass


def _stored_output_is_another(small: SmallNotebook) -> None:
    small.made.cells[0].outputs[0].text = "another note\n"


def _cell_was_changed_after_the_run(small: SmallNotebook) -> None:
    small.change(0, "print(made", "print('the', made")


def _comment_was_changed_after_the_run(small: SmallNotebook) -> None:
    small.change(0, "core = client", "# The API.\ncore = client")


def _raises(small: SmallNotebook) -> None:
    small.change(1, "core.delete", "raise KeyError('gone')\ncore.delete")
    small.stamp()


def _draws_no_plot(small: SmallNotebook) -> None:
    small.change(1, "SVG(", "len(")
    small.stamp()


def _does_not_describe_its_plot(small: SmallNotebook) -> None:
    small.change(1, "<title>It came, and it went away again.</title>", "")
    small.stamp()


def _lacks_a_verb(small: SmallNotebook) -> None:
    small.replace(small.setup, "[create, delete]", "[create]")


def _grants_a_verb_too_many(small: SmallNotebook) -> None:
    small.replace(small.setup, "[create, delete]", "[create, delete, list]")


def _leaves_a_config_map(small: SmallNotebook) -> None:
    small.change(1, 'core.delete_namespaced_config_map("note", NAMESPACE)\n', "")
    small.stamp()
    small.replace(small.setup, "[create, delete]", "[create]")


RED: dict[Callable[[SmallNotebook], None], str] = {
    _stored_output_is_another: "-stdout: another note",
    _cell_was_changed_after_the_run: "code cell 1 or one before it was changed",
    _comment_was_changed_after_the_run: "code cell 1 or one before it was",
    _raises: "KeyError: 'gone'",
    _draws_no_plot: "-image/svg+xml: a plot described in words",
    _does_not_describe_its_plot: "+image/svg+xml: a plot without <title>",
    _lacks_a_verb: "cannot delete resource",
    _grants_a_verb_too_many: "grants what no program used: ['list configmaps']",
    _leaves_a_config_map: "left behind: configmaps/note",
}


class Run(NamedTuple):
    """The notebooks, by what was done to each, and what came of their run."""

    notebooks: dict[Callable[[SmallNotebook], None], SmallNotebook]
    outcome: Outcome


@pytest.fixture(scope="module")
def ran(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Run:
    suite = SmallSuite(tmp_path_factory.mktemp("suite") / "tree")
    notebooks = {change: SmallNotebook(suite) for change in [_nothing, *RED]}
    for change, small in notebooks.items():
        change(small)
        small.path.write_text(json.dumps(small.made))
    return Run(notebooks, suite.run(cluster, select="ipynb"))


def test_green_when_nothing_is_broken(ran: Run) -> None:
    assert not ran.outcome.in_its_tests(ran.notebooks[_nothing].path.name)
    assert f"of {len(ran.notebooks)} programs ran" in ran.outcome.printed


@pytest.mark.parametrize("change", RED, ids=lambda c: c.__name__.strip("_"))
def test_red_when_it(
    ran: Run, cluster: Cluster, change: Callable[[SmallNotebook], None]
) -> None:
    require_audit_log(cluster, RED[change])
    assert RED[change] in ran.outcome.of(ran.notebooks[change].path.name)
    assert ran.outcome.code == 1
