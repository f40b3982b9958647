"""A small notebook with a plot, which was run, and in which a test may break things."""

import json
from string import Template

from tests.examples import notebook
from tests.examples.small_story import SETUP, Small, SmallSuite

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
    NAMESPACE,
    client.V1ConfigMap(metadata=client.V1ObjectMeta(name="note")),
    _request_timeout=30,
)
print(made.metadata.name)""",
    """\
core.delete_namespaced_config_map("note", NAMESPACE, _request_timeout=30)
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


class SmallNotebook(Small):
    """A notebook that was run, in which a test breaks one thing."""

    def __init__(self, suite: SmallSuite) -> None:
        path = suite.root / "docs" / "notebooks" / f"{suite.new_name()}.ipynb"
        super().__init__(path.name, path.with_suffix(".yaml"))
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.setup.write_text(Template(SETUP).substitute(story=path.stem))
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
                        "source": Template(code).substitute(story=path.stem),
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

    def save(self) -> None:
        self._path.write_text(json.dumps(self.made))
