"""When did a page's programs last run, and on what? The stamp below its title.

The suite writes build/last-run.json. Where that file or the page's story in it is
missing, the stamp says so: nothing is made up.
"""

import json
from datetime import date
from pathlib import Path
from typing import TypedDict

import examples
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page


class StoryRun(TypedDict):
    """What a run of the suite saw of one story."""

    passed: int
    failed: int
    seconds: float


class Run(TypedDict):
    """A run of the suite, as it wrote it down."""

    kubernetes: str
    driver: str
    date: str
    stories: dict[str, StoryRun]


DRIVERS = {
    "kwok": "on simulated nodes (kwok)",
    "kind": "in containers (kind)",
    "current": "on a cluster chosen by hand",
}

MARKER = "<!-- last-run -->"


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Stamp a story's page below its title, and any page that has the marker."""
    run = read(config)
    name = page.file.name
    if (examples.folder(config) / name).is_dir():
        story = examples.story(config, name, page.file.src_uri)
        stamp = story_stamp(run, name, len(story.programs))
        return html.replace("</h1>", f"</h1>\n{stamp}", 1)
    if MARKER in html:
        return html.replace(MARKER, site_stamp(run), 1)
    return html


def read(config: MkDocsConfig) -> Run | None:
    """The last run of the suite in this tree, or None.

    Raises PluginError where the file is there but cannot be read.
    """
    path = Path(config.config_file_path).parent / "build" / "last-run.json"
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise PluginError(f"{path}: not the JSON of a run: {error}") from None


def story_stamp(run: Run | None, name: str, programs: int) -> str:
    """What the last run says about a story of so many programs, as HTML."""
    seen = run["stories"].get(name) if run else None
    if run is None or seen is None:
        return paragraph("unknown", "This build has not run the programs of this page.")
    if seen["passed"] == programs and not seen["failed"]:
        return paragraph("passed", f"All {programs} programs ran {where(run)}.")
    return paragraph(
        "failed", f"{seen['passed']} of {programs} programs passed {where(run)}."
    )


def site_stamp(run: Run | None) -> str:
    """What the last run says about all stories together, as HTML."""
    if run is None:
        return paragraph("unknown", "This build of the site has not run its programs.")
    passed = sum(story["passed"] for story in run["stories"].values())
    failed = sum(story["failed"] for story in run["stories"].values())
    if failed:
        return paragraph(
            "failed", f"{failed} of {passed + failed} programs failed {where(run)}."
        )
    return paragraph("passed", f"All {passed} programs ran {where(run)}.")


def where(run: Run) -> str:
    """On which cluster and when, in words."""
    day = date.fromisoformat(run["date"])
    driver = DRIVERS.get(run["driver"], f"with {run['driver']}")
    return (
        f"on Kubernetes {run['kubernetes']} {driver} on "
        f'<time datetime="{day}">{day.day} {day:%B %Y}</time>'
    )


def paragraph(state: str, text: str) -> str:
    """The stamp itself; its state is in its words, and in its colour besides."""
    return f'<p class="stamp stamp--{state}">{text}</p>'
