"""Notebooks as pages like the others. mkdocs-jupyter finds them and hands them out.

Their text is read by the same Markdown as the pages', and their code shown as there, so
that nothing of half a megabyte of styles and scripts is left to be taken off.
"""

import json
from pathlib import Path
from typing import Any

from book import plots
from book.site import View
from sandbox.errors import UserError

RUN = "<!-- run -->"
SVG = "image/svg+xml"


def markdown(text: str, page: str) -> tuple[str, dict[str, Any]]:
    """Return a notebook's Markdown, with a block for each cell of code, and metadata.

    Raises UserError, naming the page, where the text is no notebook of format 4.
    """
    try:
        notebook = json.loads(text)
        cells, about = notebook["cells"], notebook["metadata"]
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"docs/{page}: not a notebook: {error!r}") from None
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
    notebook = json.loads(Path(str(view.file.abs_src_path)).read_text())
    shown = notebook["cells"][int(argument)]
    source = "".join(shown["source"])
    outputs = [
        plots.inline("".join(output["data"][SVG]), f"plot-{argument}")
        if SVG in output.get("data", {})
        else "".join(output.get("text", "")).strip("\n") + "\n"
        for output in shown["outputs"]
    ]
    return "cell", {
        "source": source,
        "outputs": outputs,
        "plot": any(SVG in output.get("data", {}) for output in shown["outputs"]),
        "lines": source.count("\n") + 1,
        "recorded": notebook["metadata"]["recorded"],
    }
