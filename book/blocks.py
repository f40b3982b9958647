"""The blocks by which a page asks for its parts: `/// NAME | ARGUMENT`, then `///`.

https://facelessuser.github.io/pymdown-extensions/extensions/blocks/
"""

import re
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.extensions.toc import slugify
from mkdocs.exceptions import PluginError
from mkdocs.utils import get_relative_url
from pymdownx.blocks import (  # pyright: ignore[reportMissingTypeStubs]
    BlocksExtension,
)
from pymdownx.blocks.block import Block  # pyright: ignore[reportMissingTypeStubs]

from book import (
    api_index,
    errata,
    every_page,
    folds,
    journey,
    last_run,
    notebooks,
    programs,
    run_section,
    system_pages,
)
from book.markup import TEMPLATES, elements
from book.programs import Note
from book.replay import drawing, nodes
from book.site import View, anchor
from sandbox.story import printed

TEMPLATES.filters["slug"] = partial(slugify, separator="-")

# What a part is made of: the name of a template and its values.
Made = tuple[str, dict[str, Any]]

NOTE = re.compile(r"\s*`(?P<text>[^`]+)`")


class Book(BlocksExtension):
    """The extension. `view` has to be set before each page.

    `lines` are then the ids of the lines that have notes, which MkDocs doesn't see.
    """

    view: View
    lines: set[str]

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: Any) -> None:
        """Register the blocks."""
        config = {"book": self}
        for name, make in PARTS.items():
            members = {"NAME": name, "make": staticmethod(make)}
            block_mgr.register(type(f"{name.title()}Part", (Part,), members), config)
        block_mgr.register(ProgramPart, config)

    def extendMarkdown(self, md: Markdown) -> None:
        """Register all that reads the page as a whole."""
        super().extendMarkdown(md)
        self.lines = set()
        every_page.register(md, self.view)


class Part(Block):
    """A block that becomes what its template says."""

    ARGUMENT = None
    make: Callable[[View, str], Made]

    @property
    def view(self) -> View:
        """The page on which it stands."""
        return self.config["book"].view

    def on_create(self, parent: Element) -> Element:
        """Hold its place."""
        self.parent = parent
        return SubElement(parent, "div")

    def on_end(self, block: Element) -> None:
        """Put the elements of its template there."""
        template, values = self.make(self.view, self.argument or "")
        self.replace(block, elements(self.md, template, **values))

    def replace(self, block: Element, made: Element) -> None:
        """Put the children of an element into the block's place."""
        at = list(self.parent).index(block)
        self.parent.remove(block)
        for child in reversed(made):
            child.tail = None
            self.parent.insert(at, child)


class ProgramPart(Part):
    """A program; the numbered list in the block has notes on its lines.

    Each note begins with a text, as code, that exactly one line contains. Notes have
    the order of the lines. Imports, configuration and waits are shown when they are
    opened, but for waits with a note. The option `fold` lists more statements, by what
    their first lines contain; `whole: true` folds nothing by itself.
    """

    NAME = "program"
    ARGUMENT = True
    # Block declares it as an instance's, so that it can be no ClassVar.
    OPTIONS = {  # noqa: RUF012
        "fold": ([], list),
        "whole": (False, bool),
    }

    def on_end(self, block: Element) -> None:
        """Put the program there, with the notes."""
        view, path = self.view, self.argument
        place = f"docs/{view.page}, {path}"
        text = view.site.text(path, f"docs/{view.page}")
        content = list(block)
        if [child.tag for child in content] not in ([], ["ol"]):
            raise PluginError(f"{place}: only a numbered list of notes belongs here")
        items = list(content[0]) if content else []
        name = anchor(path, view.page)
        notes = _notes(items, text.splitlines(), name, place)
        self.config["book"].lines |= {
            f"{name}-note-{note.number}-line" for note in notes
        }
        folded = folds.folded(text, self.options["fold"], place)
        if not self.options["whole"]:
            folded = folds.folds_of(text, folded, {note.line for note in notes})
        sent = drawing.lines_sent(view.site, path)
        figures = programs.figures(view, path, notes, folded, sent)
        made = elements(self.md, "program", figures=figures)
        if content:
            label = f"Notes on {figures[0]['name']}"
            content[0].attrib.update({"class": "notes", "aria-label": label})
            figure = next(made.iter("figure"))
            figure.insert(len(figure) - 1, content[0])
        self.replace(block, made)


def _notes(items: list[Element], lines: list[str], name: str, place: str) -> list[Note]:
    """Read notes, and make of the text in each a link to its line.

    Raises PluginError where a note's text is not in exactly one line, and where notes
    are not in the order of the lines.
    """
    found: list[Note] = []
    for number, item in enumerate(items, start=1):
        holder = item[0] if len(item) and item[0].tag == "p" else item
        match = NOTE.match(holder.text or "")
        if match is None:
            raise PluginError(
                f"{place}: a note has to begin with a line's text, in `...`"
            )
        text = " ".join(match["text"].split())
        line = programs.line_of(text, lines, place)
        if found and line <= found[-1].line:
            raise PluginError(
                f"{place}: the note about `{text}` comes after one about a later line, "
                "or the same: put them in the order of the lines"
            )
        at = f"{name}-note-{number}"
        item.set("id", at)
        rest = (holder.text or "")[match.end() :]
        holder.text = f"[`{text}`](#{at}-line){rest}"
        found.append(Note(line, number))
    return found


def _run(view: View, argument: str) -> Made:
    place = view.site.examples / argument
    if notebooks.is_notebook(view.page):
        place = Path(str(view.file.abs_src_path))
    story = view.site.story(place, f"docs/{view.page}")
    return "run", run_section.section(view, story)


def _printed(view: View, argument: str) -> Made:
    lines = printed(view.site.text(argument, f"docs/{view.page}"))
    if not lines:
        raise PluginError(
            f"docs/{view.page} shows what examples/{argument} printed, but there is no "
            "output in it"
        )
    return "printed", {"name": argument.rpartition("/")[2], "lines": "\n".join(lines)}


def _last_run(view: View, argument: str) -> Made:
    site = view.site
    _expect(view, "last-run", argument, ("", "stories"))
    if argument == "stories":
        record = next(iter(site.records), None)
        runs = record.runs if record else []
        names = sorted({name for run in runs for name in run["stories"]})
        return "runs_by_story", {
            "record": record,
            "names": names,
            "drivers": last_run.DRIVERS,
            "view": view,
        }
    stamp = last_run.of_programs(site.records, site.programs_of_stories, "site")
    return "stamp", {"stamp": stamp}


def _systems(view: View, argument: str) -> Made:
    who, _, names = argument.partition(":")
    if who == "checked":
        return "checked", {"day": view.site.systems.checked}
    if who == "seen":
        return "systems_seen", system_pages.where_seen(view.site) | {"view": view}
    _expect(view, "systems", who, ("all", "you", "cloud", "checked", "seen"))
    facts = [name.strip() for name in names.split(",")]
    return "facts", system_pages.comparison(view, who, facts)


def _system(view: View, argument: str) -> Made:
    _expect(view, "system", argument, ("facts", "examples", "claims"))
    if argument == "facts":
        day, everything = view.site.systems.checked, view.link("distributions.md")
        values = {"day": day, "everything": everything}
        return "system_facts", system_pages.all_facts(view) | values
    if argument == "examples":
        return "system_examples", {"systems": system_pages.examples(view)}
    systems = system_pages.on_page(view)
    keys = {system.key for system in systems}
    headings = [h for h in view.site.claims if h.key in keys]
    names = " and ".join(system.title for system in systems)
    return "claims", _claims_values(view, "", headings) | {"names": names}


def _claims(view: View, argument: str) -> Made:
    _expect(view, "claims", argument, ("summary", "corrected", "all"))
    values = _claims_values(view, argument, view.site.claims)
    return "claims", errata.summary(view) | values


def _claims_values(view: View, part: str, headings: Any) -> dict[str, Any]:
    return {
        "part": part,
        "headings": headings,
        "evidence_of": partial(errata.evidence, view),
        "errata": view.link("errata.md"),
    }


def _traffic(view: View, argument: str) -> Made:
    _expect(view, "traffic", argument, ("", "in-short"))
    run = view.site.recording("traffic")
    template = "traffic-in-short" if argument else "traffic"
    return template, {"run": run, "day": date.fromisoformat(run["date"])}


def _scale(view: View, argument: str) -> Made:
    run = view.site.recording("scale")
    return "scale", {"run": run, "day": date.fromisoformat(run["date"])}


def _offline(view: View, argument: str) -> Made:
    _expect(view, "offline", argument, ("", "llms"))
    llms = get_relative_url("llms.txt", view.file.url)
    return "offline", {
        "part": argument,
        "site": view.site.config.site_url,
        "llms": llms,
    }


def _expect(view: View, block: str, argument: str, known: tuple[str, ...]) -> None:
    """Raise PluginError where a block's argument is none of those that are known."""
    if argument not in known:
        raise PluginError(
            f"docs/{view.page}: `{block} | {argument}` is none of "
            f"{', '.join(filter(None, known))}"
        )


PARTS: dict[str, Callable[[View, str], Made]] = {
    "run": _run,
    "printed": _printed,
    "replay": drawing.part,
    "nodes-replay": nodes.part,
    "last-run": _last_run,
    "systems": _systems,
    "system": _system,
    "claims": _claims,
    "glossary": lambda view, _: ("glossary", {"terms": view.site.terms, "view": view}),
    "api-index": lambda view, _: ("api_index", {"owners": api_index.owners(view)}),
    "journey": journey.part,
    "traffic": _traffic,
    "scale": _scale,
    "offline": _offline,
    "cell": notebooks.cell,
}
