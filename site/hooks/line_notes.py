"""What is there to know about a line of a program? Notes below it, and marks beside it.

They stand on the page, not in the program, whose text stays as it is. Directly after
the program's fence:

    <!-- lines: -->

    1. `max_surge` is what the note is about: a text that exactly one line contains.
    2. `timeout_seconds=120` stands further down: notes have the order of the lines.

Each line gets the number of its note, which leads to it, and the note leads back. The
number is drawn by the style sheet, so it can't be selected or copied.
"""

import re
from html import unescape

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

MARKER = "<!-- lines: -->"
# A program on its page, as program_blocks.py writes it, and the list after it.
NOTED = re.compile(
    r'(?P<before><figure class="program" id="(?P<name>\w+)">'
    r"(?:(?!</figure>).)*?<code>)(?P<code>(?:(?!</figure>).)*?)"
    r"(?P<between></code></pre></div>)(?P<after>(?:(?!</figure>).)*?</figure>"
    # The other tabs, where there are some.
    r'(?:\s*</div>\s*<div class="tabbed-block">\s*<figure class="program program--other'
    r"(?:(?!</figure>).)*</figure>)*(?:\s*</div>){0,3})\s*"
    + re.escape(MARKER)
    + r"\s*<ol>(?P<notes>.*?)</ol>",
    re.DOTALL,
)
NOTE = re.compile(
    r"<li>\s*(?P<paragraph><p>)?\s*(?P<code><code>(?P<text>.*?)</code>)?", re.DOTALL
)
TAG = re.compile(r"<[^>]+>")


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the notes into the program's figure, and their numbers beside its lines.

    Raises PluginError where a note's text is not in exactly one line of the program
    above, where notes are not in the order of the lines, and where notes follow no
    program.
    """

    def noted(match: re.Match[str]) -> str:
        lines = match["code"].split("\n")
        texts = [unescape(TAG.sub("", line)) for line in lines]
        name, last, number = match["name"], -1, 0

        def linked(note: re.Match[str]) -> str:
            nonlocal last, number
            number += 1
            found = line_of(note["text"], texts, f"{page.file.src_uri}, {name}.py")
            if found <= last:
                raise PluginError(
                    f"{page.file.src_uri}, {name}.py: the note about "
                    f"`{unescape(note['text'])}` comes after one about a later line, "
                    "or the same: put them in the order of the lines"
                )
            last = found
            at = f"{name}-note-{number}"
            # No span: of one with an id the theme makes a line of a grid.
            lines[found] = (
                f'<i class="noted" id="{at}-line">{lines[found]}<a class="noted__mark"'
                f' href="#{at}" data-number="{number}" aria-label="Note {number}"></a>'
                "</i>"
            )
            return (
                f'<li id="{at}">{note["paragraph"] or ""}'
                f'<a href="#{at}-line">{note["code"]}</a>'
            )

        notes = NOTE.sub(linked, match["notes"])
        return (
            match["before"]
            + "\n".join(lines)
            + match["between"]
            + f'\n<ol class="notes" aria-label="Notes on {name}.py">{notes}</ol>'
            + match["after"]
        )

    html = NOTED.sub(noted, html)
    if MARKER in html:
        raise PluginError(
            f"{page.file.src_uri}: {MARKER} belongs directly after a program, and a "
            "numbered list directly after it"
        )
    return html


def line_of(code: str | None, lines: list[str], place: str) -> int:
    """The one line that contains a text. Raises PluginError where there isn't one."""
    if code is None:
        raise PluginError(f"{place}: a note has to begin with a line's text, in `...`")
    text = unescape(TAG.sub("", code))
    found = [number for number, line in enumerate(lines) if text in line]
    if len(found) != 1:
        raise PluginError(
            f"{place}: a note is about `{text}`, which {len(found) or 'no'} lines "
            "contain: it has to be in exactly one"
        )
    return found[0]
