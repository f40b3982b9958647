"""The blocks by which a page asks for its parts: `/// NAME | ARGUMENT`, then `///`.

https://facelessuser.github.io/pymdown-extensions/extensions/blocks/
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from mkdocs.exceptions import PluginError
from pymdownx.blocks import (  # pyright: ignore[reportMissingTypeStubs]
    BlocksExtension,
)
from pymdownx.blocks.block import Block  # pyright: ignore[reportMissingTypeStubs]

from book import (
    api_index,
    claims,
    every_page,
    folds,
    journey,
    last_run,
    notebooks,
    programs,
    run_section,
    system_pages,
)
from book.every_page import UNCLOSED
from book.markup import elements
from book.programs import Note
from book.replay import drawing, nodes
from book.run_in_page import exchange
from book.site import View, anchor
from sandbox.errors import UserError
from sandbox.story import printed

# What a part is made of: the name of a template, and values beside `view`, the page.
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
        for name in PARTS:
            part = type(f"{name.title()}Part", (Part,), {"NAME": name})
            block_mgr.register(part, {"book": self})
        block_mgr.register(ProgramPart, {"book": self})

    def extendMarkdown(self, md: Markdown) -> None:
        """Register all that reads the page as a whole."""
        super().extendMarkdown(md)
        self.lines = set()
        claim_mark = every_page.ClaimMark(md, self.view)
        md.inlinePatterns.register(claim_mark, "claim", 76)
        # After the inline patterns, before MkDocs looks up links.
        md.treeprocessors.register(every_page.WholePage(md, self.view), "book", 15)


class Part(Block):
    """A block that becomes what its template says."""

    ARGUMENT = None

    @property
    def view(self) -> View:
        """The page on which it stands."""
        return self.config["book"].view

    def on_create(self, parent: Element) -> Element:
        """Hold its place."""
        self.parent = parent
        return SubElement(parent, "div", {UNCLOSED: self.NAME})

    def on_end(self, block: Element) -> None:
        """Put the elements of its template there.

        Raises PluginError, with the page and the block, where it can't be made. An
        error of the code that makes it names them too.
        """
        asked = f"{self.NAME} | {self.argument or ''}".removesuffix(" | ")
        place = f"docs/{self.view.page}, `{asked}`"
        try:
            made = self.made(block)
        except UserError as error:
            raise PluginError(f"{place}: {error}") from None
        except Exception as error:
            error.add_note(f"It makes {place}.")
            raise
        at = list(self.parent).index(block)
        self.parent.remove(block)
        for child in reversed(made):
            child.tail = None
            self.parent.insert(at, child)

    def made(self, block: Element) -> Element:
        """Make an element whose children come into the block's place."""
        view, argument, kind = self.view, self.argument or "", PARTS[self.NAME]
        if kind.arguments and argument not in kind.arguments:
            known = ", ".join(filter(None, kind.arguments))
            raise UserError(
                f"its argument is none of {known}" if known else "it has no argument"
            )
        if len(block):
            raise UserError("nothing belongs between its two lines")
        name, values = kind.make(view, argument) if kind.make else (self.NAME, {})
        return elements(self.md, name, view=view, argument=argument, **values)


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

    def made(self, block: Element) -> Element:
        """Make the program, with the notes."""
        view, path, content = self.view, self.argument, list(block)
        text = view.site.text(path)
        if [child.tag for child in content] not in ([], ["ol"]):
            raise UserError("only a numbered list of notes belongs here")
        name = anchor(path, view.page)
        notes = _notes(list(content[0]) if content else [], text.splitlines(), name)
        self.config["book"].lines |= {
            f"{name}-note-{note.number}-line" for note in notes
        }
        folded = folds.folded(text, self.options["fold"])
        if not self.options["whole"]:
            folded = folds.folds_of(text, folded, {note.line for note in notes})
        sent = drawing.lines_sent(view.site, path)
        figures = programs.figures(view, path, notes, folded, sent)
        run = exchange.of_program(view, path)
        made = elements(self.md, "program", figures=figures, run=run)
        if content:
            label = f"Notes on {figures[0]['name']}"
            content[0].attrib.update({"class": "notes", "aria-label": label})
            figure = next(made.iter("figure"))
            figure.insert(len(figure) - 1, content[0])
        return made


def _notes(items: list[Element], lines: list[str], name: str) -> list[Note]:
    """Read notes, and make of the text in each a link to its line.

    Raises UserError where a note's text is not in exactly one line, and where notes
    are not in the order of the lines.
    """
    notes: list[Note] = []
    for number, item in enumerate(items, start=1):
        holder = item[0] if len(item) and item[0].tag == "p" else item
        match = NOTE.match(holder.text or "")
        if match is None:
            raise UserError("a note has to begin with a line's text, in `...`")
        text = " ".join(match["text"].split())
        line = programs.line_of(text, lines)
        if notes and line <= notes[-1].line:
            raise UserError(
                f"the note about `{text}` comes after one about a later line, or the "
                "same: put them in the order of the lines"
            )
        at = f"{name}-note-{number}"
        item.set("id", at)
        rest = (holder.text or "")[match.end() :]
        holder.text = f"[`{text}`](#{at}-line){rest}"
        notes.append(Note(line, number))
    return notes


def _printed(view: View, argument: str) -> Made:
    lines = printed(view.site.text(argument))
    if not lines:
        raise UserError("there is no output in it to show")
    return "printed", {"name": argument.rpartition("/")[2], "lines": "\n".join(lines)}


def _last_run(view: View, argument: str) -> Made:
    site = view.site
    if argument == "stories":
        record = next(iter(site.records), None)
        names = (
            {name for run in record.runs for name in run["stories"]} if record else ()
        )
        return "runs_by_story", {"record": record, "names": sorted(names)}
    programs = site.programs_of_stories
    stamp = last_run.of_programs(site.records, programs, "this site")
    return "stamp", {"stamp": stamp}


class Kind(NamedTuple):
    """How a block is made, and all arguments that it may have, where that is known.

    Where nothing makes it, its template is named as it is, and does with `view` and
    `argument`. Without `arguments`, `make` takes any.
    """

    make: Callable[[View, str], Made] | None = None
    arguments: tuple[str, ...] = ()


PARTS = {
    "run": Kind(run_section.part),
    "printed": Kind(_printed),
    "replay": Kind(drawing.part),
    "nodes-replay": Kind(nodes.part),
    "last-run": Kind(_last_run, ("", "stories")),
    "systems": Kind(system_pages.comparison),
    "system": Kind(system_pages.part, ("facts", "examples", "claims")),
    "claims": Kind(claims.part, ("summary", "corrected", "all")),
    "glossary": Kind(arguments=("",)),
    "api-index": Kind(api_index.part, ("",)),
    "journey": Kind(journey.part, ("",)),
    "traffic": Kind(arguments=("", "in-short")),
    "scale": Kind(arguments=("",)),
    "offline": Kind(arguments=("", "llms")),
    "cell": Kind(notebooks.cell),
}
