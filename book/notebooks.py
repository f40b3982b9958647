"""Notebooks as pages like the others. mkdocs-jupyter finds them and hands them out.

Their text is read by the same Markdown as the pages', and their code shown as there, so
that nothing of half a megabyte of styles and scripts is left to be taken off.
"""

import json
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError

from book import plots
from book.last_run import DRIVERS
from book.site import View

RUN = "<!-- run -->"
SVG = "image/svg+xml"


def is_notebook(page: str) -> bool:
    """Whether a page, by its source, is a notebook."""
    return page.endswith(".ipynb")


def markdown(text: str, page: str) -> tuple[str, dict[str, Any]]:
    """A notebook's text in Markdown, with a block for each cell of code.

    Args:
        text: the notebook, as in its file.
        page: its name, for errors.

    Returns:
        The Markdown, and what its metadata say for the page.

    Raises:
        PluginError: where it is no notebook of format 4.
    """
    try:
        notebook = json.loads(text)
        cells, about = notebook["cells"], notebook["metadata"]
    except (ValueError, KeyError, TypeError) as error:
        raise PluginError(f"docs/{page}: not a notebook: {error!r}") from None
    parts = [
        "".join(cell["source"]).replace(RUN, "/// run\n///")
        if cell["cell_type"] == "markdown"
        else f"/// cell | {number}\n///"
        for number, cell in enumerate(cells)
    ]
    meta = {key: about[key] for key in ("title", "description") if key in about}
    return "\n\n".join(parts), meta


def cell(view: View, argument: str) -> tuple[str, dict[str, Any]]:
    """The template "cell" and its values: code, and what it printed or drew."""
    notebook = _read(Path(str(view.file.abs_src_path)).read_text())
    shown = notebook["cells"][int(argument)]
    source = "".join(shown["source"])
    outputs = [
        plots.inline("".join(output["data"][SVG]), f"plot-{argument}")
        if SVG in output.get("data", {})
        else "".join(output.get("text", "")).strip("\n") + "\n"
        for output in shown["outputs"]
    ]
    recorded = notebook["metadata"]["recorded"]
    return "cell", {
        "source": source,
        "outputs": outputs,
        "plot": any(SVG in output.get("data", {}) for output in shown["outputs"]),
        "lines": source.count("\n") + 1,
        "recorded": recorded,
        "day": date.fromisoformat(recorded["date"]),
        "drivers": DRIVERS,
    }


@lru_cache(maxsize=4)
def _read(text: str) -> Any:
    return json.loads(text)
