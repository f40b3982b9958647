"""Where does a page speak of a claim? `{ #claim-KEY }` becomes a mark there.

The mark says what became of the claim, and leads to its place in the errata. It may
stand anywhere in a text, for Markdown knows attributes only at the end of some blocks.
A `<span id="claim-KEY">` around words has its mark at their end.
"""

import logging
import re

import claims
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

log = logging.getLogger("mkdocs.hooks.claim_marks")

# An anchor below a paragraph, as Markdown has attributes, belongs to that paragraph.
ATTRIBUTE = re.compile(r"\s*\{:? *#claim-(?P<key>[\w-]+) *\}")
START = re.compile(r'<(?P<tag>\w+)\b[^>]*\bid="claim-(?P<key>[\w-]+)"[^>]*>')

# Not in the search: its words would be found in every paragraph that has a mark.
MARK = (
    '<a class="claim-mark claim-mark--{fate}" data-search-exclude'
    ' href="{errata}#{key}" aria-label="{fate}, claim {key} in the errata">{fate}</a>'
)


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Make an element of each attribute."""
    return ATTRIBUTE.sub(r'<span id="claim-\g<key>"></span>', markdown)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put a mark at the end of each element that speaks of a claim."""
    starts = list(START.finditer(html))
    if not starts:
        return html
    known = {claim.key: claim for claim in claims.claims(config)}
    errata = files.get_file_from_path("errata.md")
    assert isinstance(errata, File), "docs/errata.md is missing"
    # From the last to the first, so that what was found stays where it is.
    for start in reversed(starts):
        claim = known.get(start["key"])
        if claim is None:
            log.warning(
                "%s: the anchor claim-%s names no claim of docs/claims.yaml",
                page.file.src_uri,
                start["key"],
            )
            continue
        at = end(html, start)
        mark = MARK.format(
            fate=claim.fate, key=claim.key, errata=errata.url_relative_to(page.file)
        )
        html = html[:at] + mark + html[at:]
    return html


def end(html: str, start: re.Match[str]) -> int:
    """Where the content of an element ends that starts there."""
    depth = 1
    for tag in re.compile(rf"<(/?){start['tag']}\b[^>]*>").finditer(html, start.end()):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.start()
    return start.end()
