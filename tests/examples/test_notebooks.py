"""Every notebook is run, and what it stores are the outputs of the cells in it."""

from pathlib import Path
from typing import Any

import pytest

from tests.examples import notebook
from tests.examples.conftest import NOTEBOOKS, ROOT

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)


def test_every_notebook_on_disk_is_run() -> None:
    assert sorted((ROOT / "docs").rglob("*.ipynb")) == NOTEBOOKS


@every_notebook
def test_stored_outputs_are_of_these_cells(path: Path) -> None:
    assert notebook.stale(notebook.read(path)) is None


@every_notebook
def test_notebook_has_a_plot_that_is_described_in_words(path: Path) -> None:
    plots = [
        output.data["image/svg+xml"]
        for cell, _ in notebook.stamps(notebook.read(path))
        for output in cell.outputs
        if "image/svg+xml" in output.get("data", {})
    ]
    assert plots
    for plot in plots:
        words = plot.partition("<title>")[2].partition("</title>")[0]
        assert len(words.split()) > 10


def small() -> Any:
    """A notebook that was run: two code cells, of which the first prints."""
    text = {"output_type": "stream", "name": "stdout", "text": "1\n"}
    plot = {
        "output_type": "display_data",
        "data": {"image/svg+xml": "<svg><title>A line.</title></svg>"},
        "metadata": {},
    }
    cells = [
        {"source": "a = 1\nprint(a)", "outputs": [text]},
        {"source": "draw(a)", "outputs": [plot]},
    ]
    made = notebook.from_dict(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {},
            "cells": [
                {
                    "cell_type": "code",
                    "execution_count": n,
                    "metadata": {},
                    "id": f"{n}",
                }
                | cell
                for n, cell in enumerate(cells, 1)
            ],
        }
    )
    for cell, stamp in notebook.stamps(made):
        cell.metadata[notebook.RAN] = stamp
    return made


def test_a_run_notebook_is_not_stale_and_does_not_differ_from_itself() -> None:
    assert notebook.stale(small()) is None
    assert notebook.difference(small(), small()) is None


@pytest.mark.parametrize("changed", [0, 1])
def test_a_changed_cell_makes_stored_outputs_stale(changed: int) -> None:
    broken = small()
    broken.cells[changed].source += "  # changed"
    assert f"code cell {changed + 1} or one before it" in str(notebook.stale(broken))


def test_an_added_cell_makes_later_outputs_stale() -> None:
    broken = small()
    broken.cells.insert(0, notebook.from_dict({**broken.cells[0], "source": "a = 2"}))
    assert "code cell 1" in str(notebook.stale(broken))


def test_cells_run_in_another_order_are_stale() -> None:
    broken = small()
    broken.cells[1].execution_count = 7
    assert "was run as number 7" in str(notebook.stale(broken))


def test_other_text_is_a_difference_and_another_plot_is_none() -> None:
    other = small()
    other.cells[1].outputs[0].data["image/svg+xml"] = (
        "<svg><title>A curve.</title></svg>"
    )
    assert notebook.difference(small(), other) is None
    other.cells[0].outputs[0].text = "2\n"
    assert "+stdout: 2" in str(notebook.difference(small(), other))


@pytest.mark.parametrize("plot", [None, "<svg></svg>"])
def test_a_plot_that_is_gone_or_has_no_words_is_a_difference(plot: str | None) -> None:
    other = small()
    if plot:
        other.cells[1].outputs[0].data["image/svg+xml"] = plot
    else:
        other.cells[1].outputs.clear()
    assert "-image/svg+xml: a plot described" in str(
        notebook.difference(small(), other)
    )
