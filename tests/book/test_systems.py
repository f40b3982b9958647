"""What is known of distributions: a mistake in it ends the build with one line."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from book import facts
from sandbox.story import load as load_story
from tests.book.pages import FAULT, Pages, linked, replace, without_a_run
from tests.site.build import ROOT


def edit(tree: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the data of a copy of the tree."""
    data = deepcopy(facts.read(ROOT, "distributions"))
    change(data)
    # JSON is YAML too, and read in a tenth of the time.
    replace(tree / "facts" / "distributions.yaml", json.dumps(data))


def first(data: dict[str, Any]) -> dict[str, Any]:
    return data["systems"][0]


BROKEN: dict[str, Callable[[Path], object]] = {
    "kubeadm facts nodes: {'says': 'some'} is not valid": lambda tree: edit(
        tree, lambda data: first(data)["facts"].update(nodes={"says": "some"})
    ),
    "kubeadm facts: 'nodes' is a required property": lambda tree: edit(
        tree, lambda data: first(data)["facts"].pop("nodes")
    ),
    "kubeadm facts: Additional properties are not allowed ('node' was": lambda tree: (
        edit(tree, lambda data: first(data)["facts"].update(node={}))
    ),
    "kubeadm version_source: 'https://example.com/' is not an https address of": (
        lambda tree: edit(
            tree, lambda data: first(data).update(version_source="https://example.com/")
        )
    ),
    "kubeadm facts nodes says: 'Many.' is not a part of a sentence": lambda tree: edit(
        tree, lambda data: first(data)["facts"]["nodes"].update(says="Many.")
    ),
    "kubeadm run_by: 'us' is not one of": lambda tree: edit(
        tree, lambda data: first(data).update(run_by="us")
    ),
    "facts/distributions.yaml: checked: ": lambda tree: edit(
        tree, lambda data: data.update(checked="2026-11-31")
    ),
    "facts/distributions.yaml: kubeadm is there twice": lambda tree: edit(
        tree, lambda data: data["systems"].append(first(data))
    ),
    "kubeadm is like k4s, which is not there": lambda tree: edit(
        tree, lambda data: first(data).update(like="k4s")
    ),
    "kubeadm changes nothing, which is no folder of examples/": lambda tree: edit(
        tree,
        lambda data: first(data)["stories"]["change"].append(
            {
                "story": "nothing",
                "why": "It is not.",
                "what": "Write it.",
                "source": "https://kubernetes.io/",
            }
        ),
    ),
    "names examples/rollouts/99_none.py, which no page shows": lambda tree: edit(
        tree,
        lambda data: first(data)["facts"].update(
            nodes={"says": "many", "program": "examples/rollouts/99_none.py"}
        ),
    ),
    "facts/distributions.yaml: not valid YAML": lambda tree: replace(
        tree / "facts" / "distributions.yaml", "systems: ["
    ),
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """This tree, of which facts may be replaced."""
    return linked(tmp_path, without="facts")


@pytest.mark.parametrize("says", BROKEN)
def test_build_fails_and_says(tree: Path, says: str) -> None:
    BROKEN[says](tree)
    with pytest.raises(FAULT, match=re.escape(says)):
        made_of(tree)


def test_nothing_is_wrong_with_the_tree_as_it_is() -> None:
    assert made_of(ROOT)["distributions.md"].select("table.facts")


def made_of(tree: Path) -> dict[str, BeautifulSoup]:
    """What pages show of systems, and nothing else of those pages."""
    pages = Pages(tree)
    return {name: pages.html(name, text=text) for name, text in SHOWN.items()}


OF_ALL = "/// systems | all: nodes, runtime\n///\n\n/// systems | seen\n///\n"
OF_ONE = "/// system | facts\n///\n\n/// system | examples\n///\n"
SHOWN = {
    "distributions.md": OF_ALL,
    **{f"distributions/{name}.md": OF_ONE for name in ("kubeadm", "kind", "kwok")},
}

SEEN = {
    "date": "2026-11-20",
    "kubernetes": "v1.37.1",
    "passed": 90,
    "failed": 0,
    "run": "https://github.com/example/runs/1",
}


@pytest.mark.parametrize(
    ("seen", "says", "state"),
    [
        ([], "Not run on kubeadm yet: what follows is what should happen.", "unknown"),
        (
            [SEEN, SEEN | {"date": "2026-10-01", "failed": 9}],
            "Run on kubeadm 20 November 2026, Kubernetes v1.37.1: all 90 checks "
            "passed (the run).",
            "passed",
        ),
        (
            [SEEN | {"failed": 2}],
            "Run on kubeadm 20 November 2026, Kubernetes v1.37.1: 2 of 92 checks "
            "failed (the run).",
            "failed",
        ),
    ],
    ids=["never", "the last one", "failed"],
)
def test_page_says_what_was_seen_and_what_was_not(
    tree: Path, seen: list[Any], says: str, state: str
) -> None:
    edit(tree, lambda data: first(data)["stories"].update(seen=seen))
    stamp = made_of(tree)["distributions/kubeadm.md"].select_one("p.stamp")
    assert stamp is not None
    assert " ".join(stamp.get_text().split()) == says
    assert f"stamp--{state}" in stamp["class"]


def test_kind_and_kwok_are_told_from_the_last_run(tmp_path: Path) -> None:
    """Of one driver all stories ran, with one failure; of the other only one did."""
    stories = [load_story(setup.parent) for setup in ROOT.glob("examples/*/setup.yaml")]
    numbers = {story.name: len(story.programs) for story in stories}
    checks = sum(numbers.values()) + 3 * len(numbers)
    came_out = {
        name: {"passed": n + 3, "failed": 0, "skipped": 0, "ran": n, "seconds": 1.0}
        for name, n in numbers.items()
    }
    some = {"deployments": came_out["deployments"]}
    came_out["rollouts"] = came_out["rollouts"] | {
        "passed": numbers["rollouts"] + 2,
        "failed": 1,
    }
    runs = [
        {"kubernetes": "v1.37.2", "driver": "kwok", "stories": came_out},
        {"kubernetes": "v1.36.1", "driver": "kind", "stories": some},
    ]
    tree = without_a_run(tmp_path)
    (tree / "build").mkdir()
    record = {"date": "2026-11-04", "runs": runs}
    (tree / "build" / "last-run.json").write_text(json.dumps(record))
    made = made_of(tree)
    says = {
        "kwok": "Last run 4 November 2026 on Kubernetes v1.37.2, simulated nodes "
        f"(kwok): 1 of {checks} checks failed.",
        "kind": "The last run covered only a part of the examples on kind.",
    }
    for name, wanted in says.items():
        stamp = made[f"distributions/{name}.md"].select_one("p.stamp")
        assert stamp is not None
        assert " ".join(stamp.get_text().split()) == wanted
    cells = made["distributions.md"].select("table.facts td")
    assert set(says.values()) <= {" ".join(cell.get_text().split()) for cell in cells}
