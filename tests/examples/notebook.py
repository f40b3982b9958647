"""Runs a notebook in a kernel of its own, and compares its outputs with those stored.

What is text has to be the same. A plot differs from run to run, so of an image only its
kind is compared, and that it is described in words.
"""

import difflib
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from filelock import FileLock
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError

from tests import machine
from tests.examples.story_run import StoryRun

ROOT = Path(__file__).parent.parent.parent

# A notebook's own deadlines are shorter, three of 240 s in one cell; this one catches a
# hang.
CELL_SECONDS = 750
# In the metadata of a code cell: what code its outputs are of.
RAN = "ran"
# In the metadata of the notebook: where and when its outputs were made.
RECORDED = "recorded"

COLOUR = re.compile(r"\x1b\[[\d;]*m")

# matplotlib lists the machine's fonts once, and says so in the notebook if that takes
# long. Kept between runs, and away from your own settings.
FONTS = ROOT / ".cache" / "matplotlib"


def read(path: Path) -> Any:
    """The notebook as nbformat has it: cells with their stored outputs."""
    return nbformat.read(path, as_version=4)  # pyright: ignore[reportUnknownMemberType]


def from_dict(data: dict[str, Any]) -> Any:
    """A notebook, or a cell, as nbformat has it."""
    return nbformat.from_dict(data)  # pyright: ignore


def stamps(notebook: Any) -> Iterator[tuple[Any, str]]:
    """Each code cell, and the hash of its code and all code before it.

    A cell's outputs depend on what ran before it, so that is in its hash, too.
    """
    code = hashlib.sha256()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            code.update(cell.source.encode() + b"\0")
            yield cell, code.hexdigest()[:16]


def stale(notebook: Any) -> str | None:
    """Why the stored outputs are not those of a run of these cells, or None."""
    for number, (cell, stamp) in enumerate(stamps(notebook), 1):
        if cell.metadata.get(RAN) != stamp:
            return (
                f"code cell {number} or one before it was changed after the run whose "
                f"outputs are stored:\n{cell.source.splitlines()[0]}"
            )
        if cell.execution_count != number:
            return f"code cell {number} was run as number {cell.execution_count}"
    return None


def check(path: Path, run: StoryRun, folder: Path) -> None:
    """Run a notebook and fail, with a report, where it does not what it says."""
    stored = read(path)
    problem = stale(stored)
    if problem is None:
        fresh = read(path)
        problem = _execute(fresh, run, folder) or difference(stored, fresh)
    if problem is not None:
        pytest.fail(
            f"{path.relative_to(ROOT)}\n{problem}\n"
            f"Events in its namespace:\n{run.events()}",
            pytrace=False,
        )


def update(path: Path, run: StoryRun, folder: Path) -> None:
    """Run a notebook and store its outputs, with the hash of the code they are of."""
    fresh = read(path)
    problem = _execute(fresh, run, folder)
    if problem is not None:
        pytest.fail(
            f"{path.relative_to(ROOT)} is left as it was: {problem}", pytrace=False
        )
    for cell, stamp in stamps(fresh):
        cell.metadata[RAN] = stamp
    fresh.metadata[RECORDED] = {
        "driver": run.cluster.driver,
        "kubernetes": run.cluster.kubernetes,
        "date": datetime.now(UTC).date().isoformat(),
        **machine.described(),
    }
    text: str = nbformat.writes(fresh)  # pyright: ignore[reportUnknownMemberType]
    path.write_text(text + "\n")


def difference(stored: Any, fresh: Any) -> str | None:
    """How the outputs of two runs differ in what has to be the same, or None."""
    differences: list[str] = []
    for (old, _), (new, _) in zip(stamps(stored), stamps(fresh), strict=True):
        lines = difflib.unified_diff(
            comparable_lines(old), comparable_lines(new), "stored", "printed", n=9
        )
        differences += (line.rstrip("\n") for line in lines)
    return "\n".join(differences) or None


def comparable_lines(cell: Any) -> list[str]:
    """What the outputs of a cell say that every run has to say."""
    lines: list[str] = []
    for output in cell.outputs:
        if output.output_type == "stream":
            lines += [f"{output.name}: {x}" for x in output.text.splitlines()]
            continue
        for kind, data in sorted(output.get("data", {}).items()):
            if kind != "image/svg+xml":
                lines.append(f"{kind}: {data}")
            elif "<title>" in data:
                lines.append(f"{kind}: a plot described in words")
            else:
                lines.append(f"{kind}: a plot without <title>, its description")
    return lines


def _execute(notebook: Any, run: StoryRun, folder: Path) -> str | None:
    """Run all cells as the story's identity; say what failed, or None."""
    environment = {
        **os.environ,
        **run.cluster.environment,
        "KUBECONFIG": str(run.kubeconfig),
        # Nothing of your own settings, and nothing written among them.
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "MPLCONFIGDIR": str(FONTS),
    }
    _list_fonts(environment)
    language = notebook.metadata.language_info.copy()
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        startup_timeout=120,
        coalesce_streams=True,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        client.execute(env=environment)
    except CellExecutionError as error:
        lines = COLOUR.sub("", error.traceback).splitlines()
        return "\n".join([*lines[:20], "...", *lines[-5:]])
    except CellTimeoutError as error:
        return f"a cell has run for {CELL_SECONDS} s: {error}"
    finally:
        # The kernel's own Python is nobody's business but the machine's.
        notebook.metadata.language_info = language
    return None


def _list_fonts(environment: dict[str, str]) -> None:
    """Let matplotlib list the fonts, where it has not done so."""
    FONTS.mkdir(parents=True, exist_ok=True)
    with FileLock(FONTS / "lock"):
        if not list(FONTS.glob("fontlist-*.json")):
            subprocess.run(
                [sys.executable, "-c", "import matplotlib.font_manager"],
                env=environment,
                check=True,
                timeout=120,
            )
