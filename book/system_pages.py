"""What differs between distributions: the tables and lists of their pages."""

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files

from book.last_run import Stamp, of_driver, seen_on
from book.permissions import listed
from book.site import Site, View
from book.systems import FOLDER, Change, Fact, Known, System
from sandbox.story import Program, Story

# Of these the last run of this suite tells, and no workflow has to.
DRIVERS = ("kind", "kwok")

NEEDS = {
    "audit-log": "the API server's audit log",
    "components": "a component that can be stopped",
    "containers": "containers that run",
    "images": "images that you have built and pushed",
    "metrics": "`metrics.k8s.io`",
    "simulated-nodes": "simulated nodes",
}


def check_pages(known: Known, files: Files) -> None:
    """See that each system has its page, and each page a system.

    Raises PluginError where that is not so.
    """
    for system in known.systems:
        if files.get_file_from_path(system.path) is None:
            raise PluginError(
                f"facts/distributions.yaml: {system.key} has no page: "
                f"write docs/{system.path}"
            )
    for page in files.documentation_pages():
        path = PurePosixPath(page.src_uri)
        if str(path.parent) == FOLDER and not known.on_page(path.stem):
            raise PluginError(
                f"docs/{path}: facts/distributions.yaml has no system of that name"
            )


def comparison(view: View, who: str, names: list[str]) -> dict[str, Any]:
    """A table of some facts, with a row for each system that has one of its own.

    Args:
        view: the page on which it stands.
        who: "you" or "cloud", whoever runs the control plane, or "all".
        names: the facts' names.

    Returns:
        The values of the template "facts".

    Raises:
        PluginError: where there is no such fact, or nobody has it.
    """
    known = view.site.systems
    unknown = [name for name in names if name not in known.labels]
    if unknown:
        raise PluginError(
            f"docs/{view.page}: facts/distributions.yaml has no fact {unknown[0]}"
        )
    rows = [
        {"system": system, "cells": [cell(view, system, name) for name in names]}
        for system in known.systems
        if who in ("all", system.run_by) or system.run_by == "both"
        if system.facts.keys() & names
    ]
    if not rows:
        raise PluginError(
            f"docs/{view.page}: no system of facts/distributions.yaml has "
            f"{', '.join(names)}"
        )
    heads = [{"text": "system"}] + [{"text": known.labels[name]} for name in names]
    return {"heads": heads, "rows": rows, "view": view}


def all_facts(view: View) -> dict[str, Any]:
    """All facts of the systems of a page, a column for each; for "facts" too."""
    known, systems = view.site.systems, on_page(view)
    rows = [
        {"text": label, "cells": [cell(view, system, name) for system in systems]}
        for name, label in known.labels.items()
        if any(_fact(known, system, name) for system in systems)
    ]
    heads: list[dict[str, Any]] = [{"text": ""}]
    heads += [{"text": system.title, "system": system} for system in systems]
    return {"heads": heads, "rows": rows, "view": view}


def on_page(view: View) -> list[System]:
    """The systems of a page. Raises PluginError where it is that of none."""
    systems = view.site.systems.on_page(view.name)
    if str(PurePosixPath(view.page).parent) != FOLDER or not systems:
        raise PluginError(f"docs/{view.page}: `system` belongs on the page of a system")
    return systems


def _fact(known: Known, system: System, name: str) -> Fact | None:
    """A fact of a system, or of the one of which it is a variant."""
    model = known.like(system)
    return system.facts.get(name) or (model and model.facts.get(name))


def cell(view: View, system: System, name: str) -> dict[str, str]:
    """What a system's fact says and who says it; of a variant, what differs."""
    fact = system.facts.get(name)
    if fact is None:
        model = view.site.systems.like(system)
        return {"says": f"as {model.title}" if model else ""}
    if fact.program:
        path = fact.program.removeprefix("examples/")
        place = view.site.page_of(path, "facts/distributions.yaml")
        return {"says": fact.says, "source": view.link(place), "host": path}
    return {"says": fact.says, "source": fact.source, "host": host(fact.source)}


def host(address: str) -> str:
    """The host of a source, which says who speaks."""
    return urlsplit(address).netloc


def examples(view: View) -> list[dict[str, Any]]:
    """Which stories run on the systems of a page, for "system_examples"."""
    return [_examples_on(view, system) for system in on_page(view)]


def _examples_on(view: View, system: System) -> dict[str, Any]:
    """The same of one system; of one that is like another, only what was run."""
    found: dict[str, Any] = {"system": system, "stamp": stamp(view.site, system)}
    if system.as_model:
        return found
    stories = {story.name: story for story in view.site.stories}
    for change in system.change:
        if change.story not in stories:
            raise PluginError(
                f"facts/distributions.yaml: {system.key} changes {change.story}, "
                "which is no folder of examples/"
            )
    changed = {change.story for change in system.change}
    whole: list[str] = []
    partly: list[str] = []
    absent: list[str] = []
    for name, story in stories.items():
        left_out = [p for p in story.programs if missing(p, system)]
        if name in changed:
            continue
        if not left_out:
            whole.append(page_of(view, story))
        elif len(left_out) == len(story.programs):
            absent.append(f"{page_of(view, story)} needs {_needs(left_out, system)}")
        else:
            partly.append(f"{page_of(view, story)}, {_but(story, system)}")
    changes = [_change(view, change, stories, system) for change in system.change]
    driver = system.key if system.key in DRIVERS else "current --context NAME"
    groups = {"In part": partly, "With a change": changes, "Not here": absent}
    return found | {
        "driver": driver,
        "whole": ", ".join(whole),
        "groups": {name: items for name, items in groups.items() if items},
    }


def _change(
    view: View, change: Change, stories: dict[str, Story], system: System
) -> str:
    """What a story needs on a system, and who says so, in Markdown."""
    story = stories[change.story]
    left_out = any(missing(program, system) for program in story.programs)
    source = f"[{host(change.source)}]({change.source})" + "{ .source }"
    return (
        page_of(view, story)
        + (f", {_but(story, system)}" if left_out else "")
        + f". {change.why} {change.what} {source}"
    )


def page_of(view: View, story: Story) -> str:
    """A link to the page of a story, by that page's title, in Markdown."""
    program = f"{story.name}/{story.programs[0].path.name}"
    page = view.site.page_of(program, f"docs/{view.page}").partition("#")[0]
    shown = f"[{view.site.title_of(page)}]({view.link(page)})"
    # A page may be that of several stories.
    return shown if page == f"{story.name}.md" else f"{shown} (`{story.name}`)"


def stamp(site: Site, system: System) -> Stamp:
    """What was run on a system and when."""
    if system.key in DRIVERS:
        programs = {story.name: len(story.programs) for story in site.stories}
        return of_driver(site.records, programs, system.key)
    if not system.seen:
        return Stamp(
            "unknown",
            f"Not run on {system.title} yet: what follows is read, not seen.",
        )
    return seen_on(system.title, max(system.seen, key=lambda mark: mark.date))


def where_seen(site: Site) -> dict[str, Any]:
    """Where the examples were run, and where not, for the template "systems_seen"."""
    known = site.systems.systems
    shown = [system for system in known if system.key in DRIVERS or system.seen]
    return {
        "seen": [(system, stamp(site, system)) for system in shown],
        "others": [system for system in known if system not in shown],
    }


def missing(program: Program, system: System) -> set[str]:
    """What a program needs and a system does not have."""
    wanted = set(program.needs) | ({"components"} if program.stopped else set())
    return wanted - system.has


def _needs(programs: list[Program], system: System) -> str:
    """What these programs need and a system does not have, in words."""
    names = sorted({name for program in programs for name in missing(program, system)})
    return listed([NEEDS[name] for name in names])


def _but(story: Story, system: System) -> str:
    """How many programs of a story a system can't run, and why."""
    left_out = [program for program in story.programs if missing(program, system)]
    verb = "needs" if len(left_out) == 1 else "need"
    return (
        f"but for {len(left_out)} of {len(story.programs)} programs, which {verb} "
        f"{_needs(left_out, system)}"
    )
