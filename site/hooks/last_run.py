"""When did a page's programs last run, and on what? The stamp below its title.

The suite writes build/last-run.json. Where that file or the page's story in it is
missing, the stamp says so: nothing is made up.
"""

import json
from datetime import date
from pathlib import Path
from typing import TypedDict

import included_examples
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page


class StoryRun(TypedDict):
    """How many checks of a story came out how: its programs, rights and clean-up."""

    passed: int
    failed: int
    skipped: int


class Run(TypedDict):
    """A run of the suite, as it wrote it down."""

    kubernetes: str
    driver: str
    date: str
    stories: dict[str, StoryRun]


DRIVERS = {
    "kwok": "simulated nodes (kwok)",
    "kind": "real containers (kind)",
    "current": "a cluster named by hand",
}

MARKER = "<!-- last-run -->"


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Stamp a story's page below its title, and any page that has the marker."""
    run = read(config)
    programs = {
        folder.name: len(list(folder.glob("[0-9]*.py")))
        for folder in included_examples.folder(config).iterdir()
        if folder.is_dir()
    }
    name = page.file.name
    if name in programs:
        found = stamp(run, {name: programs[name]}, "page")
        return html.replace("</h1>", f"</h1>\n{found}", 1)
    if MARKER in html:
        return html.replace(MARKER, stamp(run, programs, "site"), 1)
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


def stamp(run: Run | None, programs: dict[str, int], place: str) -> str:
    """What the last run says about these stories, as HTML.

    `programs` has the number of programs of each story, `place` is "page" or "site".
    """
    told = run["stories"] if run else {}
    seen = {name: told[name] for name in programs if name in told}
    if run is None or not seen:
        return paragraph(
            "unknown", f"This build has not run the programs of this {place}."
        )
    # Each program is a check, and there are more. Fewer: somebody ran a selection.
    whole = [
        name
        for name, story in seen.items()
        if story["passed"] + story["failed"] + story["skipped"] > programs[name]
    ]
    if len(whole) < len(programs):
        return paragraph("unknown", f"The last run took only a part of this {place}.")
    return result(run, list(seen.values()))


def result(run: Run, stories: list[StoryRun]) -> str:
    """When and where these stories ran, and how their checks came out, as HTML."""
    passed = sum(story["passed"] for story in stories)
    failed = sum(story["failed"] for story in stories)
    skipped = sum(story["skipped"] for story in stories)
    day = date.fromisoformat(run["date"])
    counts = [
        f"{failed} of {passed + failed} checks failed"
        if failed
        else f"all {passed} checks passed"
    ]
    if skipped:
        counts.append(f"{skipped} skipped")
    return paragraph(
        "failed" if failed else "passed",
        f'Last run <time datetime="{day}">{day.day} {day:%B %Y}</time> on Kubernetes '
        f"{run['kubernetes']}, {DRIVERS[run['driver']]}: {', '.join(counts)}.",
    )


def paragraph(state: str, text: str) -> str:
    """The stamp itself; its state is in its words, and in its colour besides."""
    return f'<p class="stamp stamp--{state}">{text}</p>'
