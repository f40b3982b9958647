"""What is known of each distribution is whole, has sources, and is on the pages."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup, Tag
from jsonschema import Draft202012Validator

from sandbox.story import load as load_story
from tests.site.build import ROOT
from tests.site.soups import soup

SCHEMA = json.loads((ROOT / "facts" / "distributions.schema.json").read_text())
PAGES = sorted((ROOT / "docs" / "distributions").glob("*.md"))

SECTIONS = [
    "When to use it, and when not",
    "A cluster in the fewest commands",
    "Connect from Python",
    "What a program notices",
    "Which examples run on it",
    "Clean up",
    "Claims we checked",
    "What to read next",
]

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def load() -> dict[str, Any]:
    """The data as JSON has them, which has no dates: they are text."""
    text = (ROOT / "facts" / "distributions.yaml").read_text()
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


def page_of(site: Path, name: str) -> BeautifulSoup:
    return soup(site / name / "index.html")


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
    headings = page_of(site, f"distributions/{page.stem}").select("article h2")
    # The mark is the link to each.
    assert [h.get_text().removesuffix("#") for h in headings] == SECTIONS
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
            candidates = [
                links for text, links in shown.items() if text.startswith(says)
            ]
            source = fact.get("source") or f"#{Path(fact['program']).stem}"
            assert any(
                link.endswith(source) for links in candidates for link in links
            ), (
                name,
                says,
            )


@each_page
def test_page_tells_of_each_story_once(site: Path, page: Path) -> None:
    """Stories that run there, in part or not, or with a change: all are in one list."""
    page_soup = page_of(site, f"distributions/{page.stem}")
    stories = [setup.parent.name for setup in ROOT.glob("examples/*/setup.yaml")]
    texts = {path.stem: path.read_text() for path in ROOT.glob("docs/*.md")}
    page_names = [
        next(name for name, text in texts.items() if f"/// program | {story}/0" in text)
        for story in stories
    ]
    systems = [s for s in load()["systems"] if s.get("page", s["key"]) == page.stem]
    lists = [
        tag
        for tag in page_soup.select("article ul")
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
        assert sorted(linked) == sorted(page_names)


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
