"""What is known of each distribution is whole, has sources, and is on the pages."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import distribution_pages
import pytest
import yaml
from bs4 import BeautifulSoup, Tag
from jsonschema import Draft202012Validator
from mkdocs.exceptions import PluginError

from sandbox.story import load as load_story
from tests.site.build import ROOT, copy, linked
from tests.site.sources import parsed, sources

SCHEMA = json.loads((ROOT / "site" / "distributions.schema.json").read_text())
PAGES = sorted((ROOT / "docs" / "distributions").glob("*.md"))

SECTIONS = [
    "What it is for, and what not",
    "A cluster in the fewest commands",
    "Connect from Python",
    "What a program notices",
    "Which examples run on it",
    "Clean up",
    "What the chapter said",
    "What to read next",
]

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def load() -> dict[str, Any]:
    """The data as JSON has them, which has no dates: they are text."""
    text = (ROOT / "docs" / "distributions.yaml").read_text()
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


def page_of(site: Path, name: str) -> BeautifulSoup:
    return parsed((site / name / "index.html").read_text())


def test_data_fits_its_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    faults = [
        f"{'/'.join(map(str, fault.absolute_path))}: {fault.message}"
        for fault in Draft202012Validator(SCHEMA).iter_errors(load())
    ]
    assert not faults


def test_each_system_has_its_page_in_the_navigation() -> None:
    wanted = {system.get("page", system["key"]) for system in load()["systems"]}
    assert wanted == {page.stem for page in PAGES}
    nav = (ROOT / "mkdocs.yml").read_text()
    assert not [name for name in wanted if f" distributions/{name}.md\n" not in nav]


@each_page
def test_page_has_these_sections_in_this_order(site: Path, page: Path) -> None:
    soup = page_of(site, f"distributions/{page.stem}")
    headings = soup.select("article h2")
    for link in soup.select("article h2 .headerlink"):
        link.decompose()
    assert [heading.get_text() for heading in headings] == SECTIONS
    for heading in headings:
        after = heading.find_next_sibling()
        assert isinstance(after, Tag), heading
        assert after.name != "h2", f"{heading.get_text()} is empty"


@each_page
def test_page_shows_each_fact_with_its_source(site: Path, page: Path) -> None:
    cells = page_of(site, f"distributions/{page.stem}").select("table.facts td")
    shown = {
        " ".join(cell.get_text().split()): [str(a["href"]) for a in cell.select("a")]
        for cell in cells
    }
    for system in load()["systems"]:
        if system.get("page", system["key"]) != page.stem:
            continue
        for name, fact in system["facts"].items():
            says = fact["says"].replace("`", "")
            found = [links for text, links in shown.items() if text.startswith(says)]
            source = fact.get("source") or f"#{Path(fact['program']).stem}"
            assert any(link.endswith(source) for links in found for link in links), (
                name,
                says,
            )


@each_page
def test_page_tells_of_each_story_once(site: Path, page: Path) -> None:
    """Stories that run there, in part or not, or with a change: all are in one list."""
    soup = page_of(site, f"distributions/{page.stem}")
    stories = [setup.parent.name for setup in ROOT.glob("examples/*/setup.yaml")]
    texts = {path.stem: path.read_text() for path in ROOT.glob("docs/*.md")}
    told = [
        next(name for name, text in texts.items() if f'--8<-- "{story}/0' in text)
        for story in stories
    ]
    systems = [s for s in load()["systems"] if s.get("page", s["key"]) == page.stem]
    lists = [
        tag
        for tag in soup.select("article ul")
        if (first := tag.select_one(":scope > li strong"))
        and first.get_text() == "Unchanged:"
    ]
    assert len(lists) == sum("has" in system["stories"] for system in systems)
    for tag in lists:
        linked = [
            match[1]
            for a in tag.select("a")
            if (match := re.fullmatch(r"\.\./\.\./([\w-]+)/", str(a["href"])))
        ]
        assert sorted(linked) == sorted(told)


def edit(tree: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the data of a copy of the tree."""
    data = load()
    change(data)
    (tree / "docs" / "distributions.yaml").write_text(yaml.safe_dump(data))


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
    "docs/distributions.yaml: checked: ": lambda tree: edit(
        tree, lambda data: data.update(checked="2026-11-31")
    ),
    "docs/distributions.yaml: kubeadm is there twice": lambda tree: edit(
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
    "names examples/rollouts/99_none.py, which no page includes": lambda tree: edit(
        tree,
        lambda data: first(data)["facts"].update(
            nodes={"says": "many", "program": "examples/rollouts/99_none.py"}
        ),
    ),
    "docs/distributions.yaml: not valid YAML": lambda tree: (
        tree / "docs" / "distributions.yaml"
    ).write_text("systems: ["),
    "kubeadm has no page: write docs/distributions/kubeadm.md": lambda tree: (
        tree / "docs" / "distributions" / "kubeadm.md"
    ).unlink(),
    "distributions/other.md: docs/distributions.yaml has no system of that name": (
        lambda tree: (tree / "docs" / "distributions" / "other.md").write_text("# O\n")
    ),
    "docs/index.md: `system: facts` belongs on the page of a system": lambda tree: (
        append(tree / "docs" / "index.md", "<!-- system: facts -->")
    ),
    "`system: fact` is none of facts, examples, claims": lambda tree: append(
        tree / "docs" / "distributions" / "kubeadm.md", "<!-- system: fact -->"
    ),
    "docs/distributions.yaml has no fact colour": lambda tree: append(
        tree / "docs" / "index.md", "<!-- systems: all: nodes, colour -->"
    ),
}


def append(page: Path, line: str) -> None:
    page.write_text(f"{page.read_text()}\n{line}\n")


@pytest.mark.parametrize("says", BROKEN)
def test_build_fails_and_says(tmp_path: Path, says: str) -> None:
    tree = copy(tmp_path / "tree")
    BROKEN[says](tree)
    with pytest.raises(PluginError, match=re.escape(says)):
        made_of(tree)


def test_nothing_is_wrong_with_the_tree_as_it_is() -> None:
    made = made_of(ROOT)
    assert '<table class="facts' in made["distributions.md"]


def made_of(tree: Path) -> dict[str, str]:
    """What the hook makes of the Markdown of each page of a tree."""
    seen = sources(tree)
    distribution_pages.on_files(seen.files, seen.config)
    pages = [seen.page(f.src_uri) for f in seen.files.documentation_pages()]
    return {
        page.file.src_uri: distribution_pages.on_page_markdown(
            page.markdown or "", page, seen.config, seen.files
        )
        for page in pages
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
        ([], "Not run on kubeadm yet: what follows is read, not seen.", "unknown"),
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
    tmp_path: Path, seen: list[Any], says: str, state: str
) -> None:
    tree = copy(tmp_path / "tree")
    edit(tree, lambda data: first(data)["stories"].update(seen=seen))
    stamp = parsed(made_of(tree)["distributions/kubeadm.md"]).select_one("p.stamp")
    assert stamp is not None
    assert stamp.get_text() == says
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
    tree = linked(tmp_path)
    (tree / "build").mkdir()
    record = {"date": "2026-11-04", "runs": runs}
    (tree / "build" / "last-run.json").write_text(json.dumps(record))
    made = made_of(tree)
    says = {
        "kwok": "Last run 4 November 2026 on Kubernetes v1.37.2, simulated nodes "
        f"(kwok): 1 of {checks} checks failed.",
        "kind": "The last run on kind took only a part of the examples.",
    }
    for name, wanted in says.items():
        stamp = parsed(made[f"distributions/{name}.md"]).select_one("p.stamp")
        assert stamp is not None
        assert stamp.get_text() == wanted
    cells = parsed(made["distributions.md"]).select("table.facts td")
    assert set(says.values()) <= {cell.get_text() for cell in cells}


@each_page
def test_page_says_of_each_system_whether_the_examples_ran(
    site: Path, page: Path
) -> None:
    systems = [s for s in load()["systems"] if s.get("page", s["key"]) == page.stem]
    stamps = page_of(site, f"distributions/{page.stem}").select("article p.stamp")
    assert len(stamps) == len(systems)


def test_safeguards_of_aks_leave_out_each_story_that_runs_something_there() -> None:
    text = (ROOT / "docs" / "distributions" / "aks.md").read_text()
    (excluded,) = re.findall(r"--excluded-ns ([\w\s\\-]+)\n```", text)
    workloads = {"pods", "deployments", "statefulsets", "daemonsets", "replicasets"}
    stories = [
        load_story(p.parent) for p in sorted((ROOT / "examples").glob("*/setup.yaml"))
    ]
    running = [
        story.namespace
        for story in stories
        if any("simulated-nodes" not in program.needs for program in story.programs)
        and any(
            "create" in rule["verbs"] and workloads & set(rule["resources"])
            for manifest in story.setup
            for rule in manifest.get("rules", [])
        )
    ]
    assert excluded.replace("\\", "").split() == running
