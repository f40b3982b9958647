"""What was wrong in the chapter, and what became of each of its claims?

In errata.md, `<!-- claims: summary -->` becomes their count, `<!-- claims: all -->`
the whole list and `<!-- claims: corrected -->` what was wrong.
"""

import re
from collections import Counter

import claims
import included_examples
from claims import Claim, Heading
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

MARKER = re.compile(r"^<!-- claims: (summary|corrected|all) -->$", re.MULTILINE)


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Replace the markers of the errata page."""
    if page.file.src_uri != "errata.md":
        return markdown
    headings = claims.headings(config)
    pages = included_examples.pages(files)
    parts = {
        "summary": summary(headings),
        "corrected": corrections(headings, pages),
        "all": every_claim(headings, pages),
    }
    return MARKER.sub(lambda match: parts[match[1]], markdown)


def summary(headings: list[Heading]) -> str:
    """How many claims there are, and what became of how many."""
    every = [claim for heading in headings for claim in heading.claims]
    fates = Counter(claim.fate for claim in every)
    behaviour = [claim for claim in every if claim.behaviour]
    shown = sum(bool(claim.program) for claim in behaviour)
    return (
        f"Of **{len(every)} claims** under {len(headings)} headings, "
        f"**{fates['proven']} are proven** by a program that the suite runs, "
        f"**{fates['cited']} are cited** from a primary source, and "
        f"**{fates['corrected']} had to be corrected**. {len(behaviour)} of them say "
        f"what a running cluster does; a program settles {shown} of those."
    )


def corrections(headings: list[Heading], pages: dict[str, str]) -> str:
    """What was wrong: the claim, what is true, and where that can be seen."""
    rows = [
        f'<li id="{claim.key}" markdown="span">'
        f'<span class="claims__label">{heading.title}</span> '
        f'<span class="claims__said">{claim.said}</span><br>{claim.truth}'
        f"{note(claim)}{evidence(claim, pages)}</li>"
        for heading in headings
        for claim in heading.claims
        if claim.fate == "corrected"
    ]
    return as_list(rows)


def every_claim(headings: list[Heading], pages: dict[str, str]) -> str:
    """Each claim under its heading; where it was wrong, a link to the correction."""
    parts: list[str] = []
    for heading in headings:
        rows: list[str] = []
        for claim in heading.claims:
            label = (
                f'<span class="claims__label claims__label--fate '
                f'claim-mark--{claim.fate}">{claim.fate}</span>'
            )
            if claim.fate == "corrected":
                rows.append(
                    f'<li markdown="span">{label} {claim.said} '
                    f"[What is true](#{claim.key})</li>"
                )
            else:
                rows.append(
                    f'<li id="{claim.key}" markdown="span">{label} {claim.said}'
                    f"{note(claim)}{evidence(claim, pages)}</li>"
                )
        parts.append(f"### {heading.title}\n\n{as_list(rows)}")
    return "\n\n".join(parts)


def as_list(rows: list[str]) -> str:
    """A list of claims in which Markdown is read."""
    return '<ul class="claims" markdown="1">\n' + "\n".join(rows) + "\n</ul>"


def note(claim: Claim) -> str:
    """How far a claim is true, if it is not without limit."""
    return f"<br>{claim.note}" if claim.note else ""


def evidence(claim: Claim, pages: dict[str, str], up: str = "") -> str:
    """Links to the program, the source, and the page that speaks of the claim.

    `up` leads from the page that they are on to docs/: "" or "../". Raises PluginError
    where no page includes the program.
    """
    links: list[str] = []
    if claim.program:
        path = claim.program.removeprefix("examples/")
        if path not in pages:
            raise PluginError(
                f"docs/claims.yaml: {claim.key} names {claim.program}, "
                "which no page includes"
            )
        place = included_examples.anchor(path, pages[path])
        links.append(f"[`{path}`]({up}{pages[path]}#{place})")
    if claim.source:
        host = claim.source.split("/")[2]
        links.append(f"[{host}]({claim.source})")
    if claim.page:
        links.append(f"[on this site]({up}{claim.page}#claim-{claim.key})")
    return f"<br><small>{' · '.join(links)}</small>"
