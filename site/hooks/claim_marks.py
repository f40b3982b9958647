"""Where does a page speak of a claim? An element with the id claim-KEY gets a mark.

The mark says what became of the claim, and leads to its place in the errata.
"""

import logging
import re

import claims
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

log = logging.getLogger("mkdocs.hooks.claim_marks")

START = re.compile(r'<(?P<tag>\w+)\b[^>]*\bid="claim-(?P<key>[\w-]+)"[^>]*>')
BLOCKS = {"p", "li", "td", "dd", "div", "h2", "h3", "h4", "summary"}

# Not in the search: its words would be found in every paragraph that has a mark.
MARK = (
    '<a class="claim-mark claim-mark--{fate}" data-search-exclude'
    ' href="{errata}#{key}" aria-label="{fate}, claim {key} in the errata">{fate}</a>'
)


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
        at = place(html, start)
        mark = MARK.format(
            fate=claim.fate, key=claim.key, errata=errata.url_relative_to(page.file)
        )
        html = html[:at] + mark + html[at:]
    return html


def place(html: str, start: re.Match[str]) -> int:
    """Where a mark goes: in the last line of a block, or after what is in a line."""
    depth = 1
    for tag in re.compile(rf"<(/?){start['tag']}\b[^>]*>").finditer(html, start.end()):
        depth += -1 if tag[1] else 1
        if depth == 0:
            break
    else:
        return start.end()
    if start["tag"] not in BLOCKS:
        return tag.end()
    inside = html[start.end() : tag.start()].rstrip()
    # A block whose last part is a paragraph: in that paragraph.
    return start.end() + len(inside.removesuffix("</p>").rstrip())
