"""A story by the lines that its page prints: what a reader types, as administrator."""

import json
import os
import shlex
import subprocess
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from book import run_section
from sandbox.story import Story, is_notebook, load
from tests.examples import in_process

SECONDS = 120
"""For each command of kubectl's."""

WORKERS = 4
"""How many stories run at once. More would take the time of other tests."""

CELLS = {"autoscaling.ipynb": (0, 1, -1)}
"""Of this notebook the cells that make and delete. Between them are minutes of load."""

CLIENT = ("kubernetes.client.api.core_v1_api", "kubernetes.client.api.apps_v1_api")
"""What most programs use of it. The client imports that when it is first asked for."""

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """Where lines are typed: the variables there, and what the cluster can do."""

    variables: dict[str, str]
    capabilities: frozenset[str]
    scratch: Path


@dataclass(frozen=True)
class Typed:
    """A story, and the lines of its page."""

    story: Story
    folder: Path
    lines: tuple[str, ...]

    @staticmethod
    def of(place: Path) -> "Typed":
        """Those of a folder of examples/, or of a notebook."""
        story = load(place)
        folder = place.parent if is_notebook(place) else place
        lines = run_section.by_hand(story).split(run_section.AND)
        return Typed(story, folder, tuple(line for line in lines if line[:3] != "cd "))

    def create(self, place: Place) -> str:
        """Run the first line; what is wrong, if it failed."""
        return self._kubectl(self.lines[0], place)

    def run_programs(self, place: Place) -> str:
        """Run the lines between, until one has failed; what is wrong then.

        Programs run in this process. What needs more than the cluster has is left out.
        """
        needs = {program.path.name: program.needs for program in self.story.programs}
        for line in self.lines[1:-1]:
            path = self.folder / shlex.split(line)[-1]
            if not needs[path.name] <= place.capabilities:
                continue
            if is_notebook(path):
                text = place.scratch / f"{path.stem}.py"
                text.write_text(_code(path))
                path = text
            os.chdir(self.folder)
            done = in_process.run(path, place.variables)
            if done.returncode:
                return f"{line}\n{done.stdout}{done.stderr}"
        return ""

    def delete(self, place: Place) -> str:
        """Run the last line; what is wrong, if it failed."""
        return self._kubectl(self.lines[-1], place)

    def _kubectl(self, line: str, place: Place) -> str:
        done = subprocess.run(
            shlex.split(line),
            cwd=self.folder,
            env=place.variables,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return f"{line}\n{done.stderr}" if done.returncode else ""


def _code(path: Path) -> str:
    cells = json.loads(path.read_text())["cells"]
    code = ["".join(each["source"]) for each in cells if each["cell_type"] == "code"]
    chosen = CELLS.get(path.name, range(len(code)))
    return "\n".join(code[number] for number in chosen)


def side_by_side(
    run: Callable[[Typed, Place], T], stories: Iterable[Typed], place: Place
) -> dict[str, T]:
    """Run stories, each in a process of its own; what was returned, by their names."""
    context = get_context("forkserver")
    # Imported once: with the client, that takes longer than most programs.
    context.set_forkserver_preload([__name__, *CLIENT])
    with ProcessPoolExecutor(WORKERS, context, max_tasks_per_child=1) as pool:
        begun = {each.story.name: pool.submit(run, each, place) for each in stories}
        return {name: each.result() for name, each in begun.items()}
