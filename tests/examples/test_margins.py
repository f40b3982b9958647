"""What an autoscaler decides in a story is the same on a machine that is busy.

Such a machine does less than it is told to, or more at times, to make up for it; and
each Pod uses some CPU besides. What is decided then, the story's own program computes.
"""

import ast
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox import story
from tests.examples.place import definitions

ROOT = Path(__file__).parent.parent.parent
STORY = ROOT / "examples" / "autoscaling"
PAGE = ROOT / "docs" / "autoscaling.md"
NOTEBOOK = ROOT / "docs" / "notebooks" / "autoscaling.ipynb"

BUSY = list(product(range(60, 201, 5), range(16)))
"""Percent of what Pods are told to use, and thousandths of a CPU that each uses too."""


def constants(source: str) -> dict[str, Any]:
    """The values that a program gives to names in capital letters."""
    values: dict[str, Any] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).isupper():
            exec(compile(ast.Module([node], []), "constants", "exec"), values)
    return values


@dataclass
class Autoscaler:
    """Decides by the formula of 06_formula.py, for Pods that have been measured."""

    least: int
    most: int
    request: int
    target: int

    def __post_init__(self) -> None:
        names = of_the_story("06_formula.py")
        names |= {"REQUEST": self.request, "TARGET": self.target, "MOST": self.most}
        self.desired: Any = names["desired"]

    def end(self, pods: int, load: int, besides: int = 0) -> int:
        """The number of Pods that this many come to."""
        for _ in range(20):
            others = [load // pods + besides] * (pods - 1)
            first = load - load // pods * (pods - 1) + besides
            wanted = max(self.least, self.desired([first, *others]))
            if wanted == pods:
                return pods
            pods = wanted
        raise AssertionError(f"never at rest at a load of {load}")


def row_of_the_page(start: str, *words: str) -> str:
    """The row of the page's table of margins that begins so, and has these words."""
    (row,) = (
        line.strip()
        for line in PAGE.read_text().splitlines()
        if line.strip().startswith(f"| {start} |") and all(w in line for w in words)
    )
    return row


def of_the_story(name: str) -> dict[str, Any]:
    return definitions(name.removesuffix(".py"), "autoscaling")


def autoscaler_of_the_story(most: int | None = None) -> Autoscaler:
    """As its first program makes it, or with another maximum."""
    spec = yaml.safe_load((STORY / "01_create_autoscaler.yaml").read_text())["spec"]
    target = spec["metrics"][0]["resource"]["target"]["averageUtilization"]
    request = of_the_story("05_load_rises.py")["REQUEST"]
    of_the_formula = of_the_story("06_formula.py")
    assert (request, target) == (of_the_formula["REQUEST"], of_the_formula["TARGET"])
    return Autoscaler(spec["minReplicas"], most or spec["maxReplicas"], request, target)


def test_load_of_the_story_asks_for_more_than_its_first_maximum() -> None:
    load = of_the_story("05_load_rises.py")["LOAD"]
    first = autoscaler_of_the_story()
    lifted = autoscaler_of_the_story(of_the_story("06_formula.py")["MOST"])
    for done, besides in BUSY:
        measured = load * done // 100
        assert first.end(first.least, measured, besides) == first.most
        # By itself it wants more: that is TooManyReplicas, and 06 goes on with it.
        assert lifted.end(first.most, measured, besides) > first.most
        assert lifted.end(lifted.most, 0, besides) == lifted.least


def test_page_and_program_name_how_far_the_load_may_be_off() -> None:
    lifted = autoscaler_of_the_story(of_the_story("06_formula.py")["MOST"])
    most, loads = autoscaler_of_the_story().most, range(1000)
    above = range(most + 1, lifted.most + 1)
    enough = min(x for x in loads if lifted.end(most, x) > most)
    falls = max(x for x in loads if {lifted.end(n, x) for n in above} == {lifted.least})
    assert f"of which {enough} would do" in (STORY / "05_load_rises.py").read_text()
    for program, words in {
        "05_load_rises.py": f"{enough}m or more",
        "06_formula.py": f"{enough}m or more",
        "08_load_falls.py": f"{falls}m or less",
    }.items():
        assert words in row_of_the_page(f"`{program}`")


@pytest.fixture(scope="module")
def of_the_notebook() -> dict[str, Any]:
    return constants(story.source(NOTEBOOK))


@pytest.fixture(scope="module")
def autoscaler_of_the_notebook(of_the_notebook: dict[str, Any]) -> Autoscaler:
    names = ("LEAST", "MOST", "REQUEST", "TARGET")
    return Autoscaler(*(of_the_notebook[name] for name in names))


def test_loads_of_the_notebook_lead_to_its_bounds(
    of_the_notebook: dict[str, Any], autoscaler_of_the_notebook: Autoscaler
) -> None:
    low, high, last = of_the_notebook["LOADS"]
    web = autoscaler_of_the_notebook
    for done, besides in BUSY:
        for load, goal in ((low, web.least), (high, web.most), (last, web.least)):
            measured = load * done // 100
            for pods in range(web.least, web.most + 1):
                end = web.end(pods, measured, besides)
                assert end == goal, f"{pods} Pods, {done} %, {besides}m besides: {end}"


def test_notebook_names_how_far_its_loads_may_be_off(
    of_the_notebook: dict[str, Any], autoscaler_of_the_notebook: Autoscaler
) -> None:
    low, high, _ = of_the_notebook["LOADS"]
    web = autoscaler_of_the_notebook
    loads, each = range(1000), range(web.least, web.most + 1)
    still = max(x for x in loads if {web.end(n, x) for n in each} == {web.least})
    enough = min(x for x in loads if {web.end(n, x) for n in each} == {web.most})
    text = NOTEBOOK.read_text()
    link = "[the notebook](notebooks/autoscaling.ipynb)"
    assert f" {still}m or less" in row_of_the_page(link, f" {low}m ")
    assert f" {enough}m or more" in row_of_the_page("the notebook", f" {high}m ")
    assert f"if {low} becomes {still}, or if only {enough} of {high} are done." in text
