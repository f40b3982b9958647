"""What are the fewest pages of which this site can be built? Of each kind, one.

The settings and the theme are this tree's, and so are the programs, a
notebook and what is known of a distribution. A build of them takes a few seconds, where
that of all pages takes many times as long.
"""

import re
import shutil
from pathlib import Path

import yaml

from tests.site.build import ROOT

NAV = re.compile(r"^nav:\n(?:[ ]+.*\n)+", re.MULTILINE)
SECTION = "Pages"
# Its facts have sources alone, and no program that a page would have to include.
SYSTEM = "kind"
CLAIMS = """\
- key: what
  title: What it is
  claims:
    - key: what-1
      said: Kubernetes runs containers.
      cited: https://kubernetes.io/docs/concepts/overview/
      page: claims.md
"""
# Told as the page tells them to which stamps and the frames of programs link.
TESTED = """\
/// last-run
///

## Where it runs { #where }

## Output

## The same by kubectl

## Programs for other systems

/// last-run | stories
///
"""


def small_tree(target: Path, *, stories: tuple[str, ...] = ("rollouts",)) -> Path:
    """Write a tree of few pages into a folder, and return that folder.

    It has the notebook that belongs to the story `rollouts`, so that this has to be
    among the stories.
    """
    target.mkdir()
    for name in ("site", "recordings", "docs/assets"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, target / name, ignore=ignored)
    for story in stories:
        shutil.copytree(ROOT / "examples" / story, target / "examples" / story)
    docs = target / "docs"
    facts = target / "facts"
    shutil.copytree(ROOT / "facts", facts)
    (facts / "claims.yaml").write_text(CLAIMS)
    (docs / "notebooks").mkdir()
    for kind in ("ipynb", "yaml"):
        shutil.copy(ROOT / "docs" / "notebooks" / f"rollout.{kind}", docs / "notebooks")
    known = yaml.safe_load((ROOT / "facts" / "distributions.yaml").read_text())
    (system,) = [each for each in known["systems"] if each["key"] == SYSTEM]
    written = {"checked": known["checked"], "systems": [system]}
    (facts / "distributions.yaml").write_text(yaml.safe_dump(written))
    pages = {
        "index": ("Home", "/// last-run\n///"),
        **{story: (_title_of(story), _page_of(story)) for story in stories},
        "distributions": ("Distributions", "/// systems | all: nodes, runtime\n///"),
        f"distributions/{SYSTEM}": (
            SYSTEM,
            "/// system | facts\n///\n\n/// system | examples\n///",
        ),
        "claims": (
            "Claims",
            "## What\n\nTrue.\n{ #claim-what-1 }\n\n/// claims | all\n///",
        ),
        "offline": (
            "Offline",
            "[Checked](how-this-site-is-tested.md#output).\n\n"
            "/// offline\n///\n\n/// offline | llms\n///",
        ),
        "how-this-site-is-tested": ("Tests", TESTED),
        "glossary": ("Glossary", "/// glossary\n///"),
    }
    means = "Containers that run together on one node."
    source = "https://kubernetes.io/docs/concepts/workloads/pods/"
    terms = [{"term": "Pod", "means": means, "source": source}]
    (facts / "glossary.yaml").write_text(yaml.safe_dump(terms))
    for name, (title, text) in pages.items():
        path = docs / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        about = {
            "title": title,
            "description": f"What there is to know of {title}.",
        }
        head = yaml.safe_dump(about, sort_keys=False)
        path.write_text(f"---\n{head}---\n\n# {title}\n\nOf a Pod.\n\n{text}\n")
    home, *others = [f"{name}.md" for name in pages]
    nav = [home, {SECTION: [*others, "notebooks/rollout.ipynb"]}]
    settings = (ROOT / "mkdocs.yml").read_text()
    fewer, count = NAV.subn(yaml.safe_dump({"nav": nav}), settings)
    assert count == 1, "mkdocs.yml has no nav, or another than before"
    (target / "mkdocs.yml").write_text(fewer)
    return target


def _title_of(story: str) -> str:
    """The title that a story's page has on the whole site."""
    title = re.search(r"^# (.+)$", (ROOT / "docs" / f"{story}.md").read_text(), re.M)
    assert title, f"docs/{story}.md has no title"
    return title[1]


def _page_of(story: str) -> str:
    """How to run a story, and all of its programs."""
    programs = sorted(path.name for path in (ROOT / "examples" / story).glob("*.py"))
    parts = [f"/// program | {story}/{name}\n///" for name in programs]
    return "\n\n".join([f"/// run | {story}\n///", *parts])
