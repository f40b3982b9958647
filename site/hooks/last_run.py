"""When did a page's programs last run, and on what? The stamp below its title.

The suite writes build/last-run.json. Where that file or the page's story in it is
missing, the stamp says so: nothing is made up.
"""

import json
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypedDict

import included_examples
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page


class StoryRun(TypedDict):
    """How many checks of a story came out how: its programs, rights and clean-up.

    `ran` is how many of its programs were not skipped.
    """

    passed: int
    failed: int
    skipped: int
    ran: int
    seconds: float


class DriverRun(TypedDict):
    """What ran on the cluster of one driver."""

    kubernetes: str
    driver: str
    stories: dict[str, StoryRun]


class Record(TypedDict):
    """A run of the suite, as it wrote it down."""

    date: str
    runs: list[DriverRun]


DRIVERS = {
    "kwok": "simulated nodes (kwok)",
    "kind": "real containers (kind)",
    "current": "a cluster named by hand",
}

MARKER = "<!-- last-run -->"
TABLE = "<!-- last-run: stories -->"


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Stamp a story's page below its title, and any page that has the marker."""
    record = read(config)
    programs = {
        folder.name: len(list(folder.glob("[0-9]*.py")))
        for folder in included_examples.stories(config)
    }
    notebooks = (Path(config.docs_dir) / "notebooks").glob("*.ipynb")
    programs |= dict.fromkeys((path.name for path in notebooks), 1)
    # A notebook's name ends in .ipynb, that of a story's page in nothing; of pages in
    # other folders, none is a story's.
    name = page.file.src_uri.removeprefix("notebooks/").removesuffix(".md")
    if name in programs:
        found = stamp(record, {name: programs[name]}, "page")
        return html.replace("</h1>", f"</h1>\n{found}", 1)
    if MARKER in html:
        html = html.replace(MARKER, stamp(record, programs, "site"), 1)
    if TABLE in html:
        found = table(record, partial(address, page, files))
        html = html.replace(TABLE, found, 1)
    return html


def read(config: MkDocsConfig) -> Record | None:
    """The last run of the suite in this tree, or None.

    Raises PluginError where the file is there but cannot be read.
    """
    path = Path(config.config_file_path).parent / "build" / "last-run.json"
    try:
        record = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise PluginError(f"{path}: not the JSON of a run: {error}") from None
    stories = [s for run in record.get("runs", []) for s in run["stories"].values()]
    if "runs" not in record or any("ran" not in story for story in stories):
        raise PluginError(
            f"{path}: written by an older version: delete it, or run again"
        )
    return record


def stamp(record: Record | None, programs: dict[str, int], place: str) -> str:
    """What the last run says about these stories, as HTML.

    `programs` has the number of programs of each story, `place` is "page" or "site".
    """
    runs = [
        run
        for run in (record["runs"] if record else [])
        if run["stories"].keys() & programs
    ]
    if record is None or not runs:
        return paragraph(
            "unknown", f"This build has not run the programs of this {place}."
        )
    whole = [run for run in runs if is_whole(run, programs)]
    if not whole:
        return paragraph("unknown", f"The last run took only a part of this {place}.")
    # What is checked besides says nothing of programs that this driver can't run.
    whole = [run for run in whole if any(run["stories"][n]["ran"] for n in programs)]
    if not whole:
        drivers = " and ".join(DRIVERS[run["driver"]] for run in runs)
        return paragraph(
            "unknown", f"The last run, on {drivers}, skipped this {place}."
        )
    day = date.fromisoformat(record["date"])
    results = [
        result(run, [run["stories"][name] for name in programs]) for run in whole
    ]
    failed = any(run["stories"][n]["failed"] for run in whole for n in programs)
    return paragraph(
        "failed" if failed else "passed",
        f'Last run <time datetime="{day}">{day.day} {day:%B %Y}</time> '
        f"{'; '.join(results)}.",
    )


def of_driver(
    record: Record | None, programs: dict[str, int], driver: str
) -> tuple[str, str]:
    """The state of what ran on one driver, and what to say of it.

    `programs` has the number of programs of each story.
    """
    runs = [
        run for run in (record["runs"] if record else []) if run["driver"] == driver
    ]
    if record is None or not runs:
        return "unknown", f"This build has not run the examples on {driver}."
    (run,) = runs
    if not is_whole(run, programs):
        return "unknown", f"The last run on {driver} took only a part of the examples."
    stories = [run["stories"][name] for name in programs]
    day = date.fromisoformat(record["date"])
    return (
        "failed" if any(story["failed"] for story in stories) else "passed",
        f'Last run <time datetime="{day}">{day.day} {day:%B %Y}</time> '
        f"{result(run, stories)}.",
    )


def is_whole(run: DriverRun, programs: dict[str, int]) -> bool:
    """Whether it took all of these stories, and all checks of each.

    Each program is a check, and there are more. Fewer: somebody ran a selection.
    """
    stories = [(run["stories"].get(name), number) for name, number in programs.items()]
    return all(
        story and story["passed"] + story["failed"] + story["skipped"] > number
        for story, number in stories
    )


def result(run: DriverRun, stories: list[StoryRun]) -> str:
    """Where these stories ran, and how their checks came out."""
    passed = sum(story["passed"] for story in stories)
    failed = sum(story["failed"] for story in stories)
    skipped = sum(story["skipped"] for story in stories)
    counts = [
        f"{failed} of {passed + failed} checks failed"
        if failed
        else f"all {passed} checks passed"
    ]
    if skipped:
        counts.append(f"{skipped} skipped")
    return (
        f"on Kubernetes {run['kubernetes']}, {DRIVERS[run['driver']]}: "
        f"{', '.join(counts)}"
    )


def table(record: Record | None, address: Callable[[str], str]) -> str:
    """How each story came out on each driver, as an HTML table.

    `address` tells where the page of a story is.
    """
    if record is None:
        return "<p>This build has no run to show.</p>"
    runs = record["runs"]
    names = sorted({name for run in runs for name in run["stories"]})
    head = "".join(f'<th scope="col">{DRIVERS[run["driver"]]}</th>' for run in runs)
    rows = "".join(
        f'<tr><th scope="row"><a href="{address(name)}">{name}</a></th>'
        + "".join(f"<td>{cell(run['stories'].get(name))}</td>" for run in runs)
        + "</tr>\n"
        for name in names
    )
    return (
        f'<table>\n<thead><tr><th scope="col">story</th>{head}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table>"
    )


def address(page: Page, files: Files, name: str) -> str:
    """Where the page of a story is, or of a notebook, seen from another page."""
    path = f"notebooks/{name}" if name.endswith(".ipynb") else f"{name}.md"
    file = files.get_file_from_path(path)
    assert file is not None, f"there is no page {path}"
    return file.url_relative_to(page.file)


def cell(story: StoryRun | None) -> str:
    """How the checks of a story came out on one driver, and how long they took."""
    if story is None or not story["ran"]:
        return "not run"
    counts = [
        f"{story[outcome]} {outcome}"
        for outcome in ("passed", "failed", "skipped")
        if story[outcome]
    ]
    return f"{', '.join(counts)}, {story['seconds']:.0f} s"


def paragraph(state: str, text: str) -> str:
    """The stamp itself; its state is in its words, and in its colour besides."""
    return f'<p class="stamp stamp--{state}" data-search-exclude>{text}</p>'
