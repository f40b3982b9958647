"""The checks on notebooks can fail: a small one is run with one thing broken."""

import json
from collections.abc import Callable
from pathlib import Path
from string import Template
from uuid import uuid4

import pytest

from sandbox.cluster import Cluster
from tests.examples import notebook
from tests.examples.small_story import SETUP, SmallStory
from tests.examples.test_suite_goes_red import require_audit_log

pytestmark = pytest.mark.one_driver

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


class SmallNotebook(SmallStory):
    """A copy of the suite with a notebook that was run, in which a test breaks one."""

    def __init__(self, root: Path, name: str, cluster: Cluster) -> None:
        super().__init__(root, name)
        self.cluster = cluster
        self.path = root / "docs" / "notebooks" / f"{name}-drawn.ipynb"
        self.path.parent.mkdir()
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

    def output(self) -> tuple[int, str]:
        """The exit code and the output of a run of the suite on this notebook."""
        self.path.write_text(json.dumps(self.made))
        done = self.run(self.cluster, select="ipynb")
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def small(tmp_path: Path, cluster: Cluster) -> SmallNotebook:
    return SmallNotebook(tmp_path, f"small-{uuid4().hex[:8]}", cluster)


def test_green_when_nothing_is_broken(small: SmallNotebook) -> None:
    code, output = small.output()
    assert code == 0, output
    assert "1 of 1 programs" in output


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


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (_stored_output_is_another, "-stdout: another note"),
        (_cell_was_changed_after_the_run, "code cell 1 or one before it was changed"),
        (_comment_was_changed_after_the_run, "code cell 1 or one before it was"),
        (_raises, "KeyError: 'gone'"),
        (_draws_no_plot, "-image/svg+xml: a plot described in words"),
        (_does_not_describe_its_plot, "+image/svg+xml: a plot without <title>"),
        (_lacks_a_verb, "cannot delete resource"),
        (_grants_a_verb_too_many, "grants what no program used: ['list configmaps']"),
        (_leaves_a_config_map, "left behind: configmaps/note"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_red_when_it(
    small: SmallNotebook, broken: Callable[[SmallNotebook], None], says: str
) -> None:
    require_audit_log(small.cluster, says)
    broken(small)
    code, output = small.output()
    assert code == 1, output
    assert says in output, output
