"""What differs between distributions: the tables and lists of their pages."""

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from book import claims
from book.last_run import Stamp, of_programs, seen_on
from book.permissions import listed
from book.site import Site, View
from book.systems import Change, System
from sandbox.errors import UserError
from sandbox.story import Program, Story, is_notebook

# Of these the last run of this suite tells, and no workflow has to.
DRIVERS = ("kind", "kwok")

NEEDS = {
    "audit-log": "the API server's audit log",
    "components": "access to the processes of the control plane",
    "containers": "containers that run",
    "images": "images that you have built and pushed",
    "metrics": "`metrics.k8s.io`",
    "simulated-nodes": "simulated nodes",
}


def comparison(view: View, argument: str) -> tuple[str, dict[str, Any]]:
    """Return a template and its values: "checked", "seen", or a table of some facts.

    The argument names systems, by what runs their control plane, and facts: "all:
    nodes, runtime", or "you: ..." or "cloud: ...". Raises UserError where there is no
    such fact.
    """
    if argument == "checked":
        return "checked", {}
    if argument == "seen":
        return "systems_seen", where_seen(view.site)
    whose, _, listed_names = argument.partition(":")
    if whose not in ("all", "you", "cloud"):
        raise UserError("its argument is none of all, you, cloud, checked, seen")
    known = view.site.systems
    names = [name.strip() for name in listed_names.split(",")]
    if unknown := [name for name in names if name not in known.labels]:
        raise UserError(f"facts/distributions.yaml has no fact {unknown[0]}")
    rows = [
        {"system": system, "cells": [cell(view, system, name) for name in names]}
        for system in known.systems
        if whose == "all" or system.run_by in (whose, "both")
        if system.facts.keys() & names
    ]
    heads = [{"text": "system"}] + [{"text": known.labels[name]} for name in names]
    return "facts", {"heads": heads, "rows": rows}


def part(view: View, argument: str) -> tuple[str, dict[str, Any]]:
    """Return a template and its values: "facts", "examples" or "claims" of a page.

    Raises UserError where the page is that of no system.
    """
    systems = view.site.systems.on_page(PurePosixPath(view.page).stem)
    if not systems:
        raise UserError("it belongs on the page of a system")
    if argument == "facts":
        return "system_facts", all_facts(view, systems)
    if argument == "examples":
        each = [examples_on(view, system) for system in systems]
        return "system_examples", {"systems": each}
    keys = {system.key for system in systems}
    headings = [each for each in view.site.headings if each.key in keys]
    names = " and ".join(system.title for system in systems)
    return claims.listed(view, headings, names=names)


def all_facts(view: View, systems: list[System]) -> dict[str, Any]:
    """Return all facts of some systems, a column for each."""
    rows = [
        {"text": label, "cells": [cell(view, system, name) for system in systems]}
        for name, label in view.site.systems.labels.items()
    ]
    heads: list[dict[str, Any]] = [{"text": ""}]
    heads += [{"text": system.title, "system": system} for system in systems]
    return {"heads": heads, "rows": rows}


def cell(view: View, system: System, name: str) -> dict[str, str]:
    """Return what a system's fact says and who says it; of a variant, what differs."""
    fact = system.facts.get(name)
    if fact is None:
        model = view.site.systems.like(system)
        return {"says": f"as {model.title}" if model else ""}
    source, host = fact.source, urlsplit(fact.source).netloc
    if fact.program:
        host = fact.program.removeprefix("examples/")
        source = view.link(view.site.page_of(host))
    return {"says": fact.says, "source": source, "host": host}


def examples_on(view: View, system: System) -> dict[str, Any]:
    """Return which stories run on a system; of a variant, only what was run."""
    values = {"system": system, "stamp": stamp(view.site, system)}
    if system.has is None:
        return values
    stories = _stories(view.site)
    for change in system.change:
        if change.story not in stories:
            raise UserError(
                f"facts/distributions.yaml: {system.key} changes {change.story}, "
                "which is no folder of examples/"
            )
    changed = {change.story for change in system.change}
    whole: list[str] = []
    partly: list[str] = []
    absent: list[str] = []
    for story in (stories[name] for name in stories if name not in changed):
        left_out = [p for p in story.programs if missing(p, system)]
        if not left_out:
            whole.append(page_of(view, story))
        elif len(left_out) == len(story.programs):
            absent.append(f"{page_of(view, story)} needs {_needs(left_out, system)}")
        else:
            partly.append(f"{page_of(view, story)}{_but(story, system)}")
    changes = [_change(view, c, stories[c.story], system) for c in system.change]
    groups = {"In part": partly, "After a change": changes, "Not here": absent}
    return values | {
        "driver": system.key if system.key in DRIVERS else "current --context NAME",
        "whole": ", ".join(whole),
        "groups": {name: items for name, items in groups.items() if items},
    }


def _stories(site: Site) -> dict[str, Story]:
    """The stories that are folders of examples/, by their names."""
    return {s.name: s for s in site.stories if not is_notebook(s.programs[0].path)}


def _change(view: View, change: Change, story: Story, system: System) -> str:
    """What a story needs on a system, and who says so, in Markdown."""
    source = f"[{urlsplit(change.source).netloc}]({change.source})" + "{ .source }"
    needs = f"{page_of(view, story)}{_but(story, system)}"
    return f"{needs}. {change.why} {change.what} {source}"


def page_of(view: View, story: Story) -> str:
    """Return a link to the page of a story, by that page's title, in Markdown."""
    program = f"{story.name}/{story.programs[0].path.name}"
    page = view.site.page_of(program).partition("#")[0]
    shown = f"[{view.site.title_of(page)}]({view.link(page)})"
    # A page may be that of several stories.
    return shown if page == f"{story.name}.md" else f"{shown} (`{story.name}`)"


def stamp(site: Site, system: System) -> Stamp:
    """Return what was run on a system and when."""
    if system.key in DRIVERS:
        programs = {name: len(each.programs) for name, each in _stories(site).items()}
        examples = f"the examples on {system.key}"
        return of_programs(site.records, programs, examples, system.key)
    if system.seen:
        return seen_on(system.title, max(system.seen, key=lambda mark: mark.date))
    nothing = f"Not run on {system.title} yet: what follows is what should happen."
    return Stamp("unknown", nothing)


def where_seen(site: Site) -> dict[str, Any]:
    """Return where the examples were run, and where not."""
    known = site.systems.systems
    shown = [system for system in known if system.key in DRIVERS or system.seen]
    return {
        "seen": [(system, stamp(site, system)) for system in shown],
        "others": [system for system in known if system not in shown],
    }


def missing(program: Program, system: System) -> set[str]:
    """Return what a program needs and a system does not have."""
    wanted = set(program.needs) | ({"components"} if program.stopped else set())
    return wanted - (system.has or set())


def _needs(programs: list[Program], system: System) -> str:
    """What these programs need and a system does not have, in words."""
    names = sorted({name for program in programs for name in missing(program, system)})
    return listed([NEEDS[name] for name in names])


def _but(story: Story, system: System) -> str:
    """How many programs of a story a system can't run, and why; or nothing."""
    left_out = [program for program in story.programs if missing(program, system)]
    if not left_out:
        return ""
    verb = "needs" if len(left_out) == 1 else "need"
    return (
        f", except for {len(left_out)} of {len(story.programs)} programs, which {verb} "
        f"{_needs(left_out, system)}"
    )
