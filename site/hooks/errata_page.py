"""What was wrong in the chapter, and what became of each of its claims?

In errata.md, `<!-- claims: summary -->` becomes their count, `<!-- claims: corrected -->`
the corrections and `<!-- claims: all -->` the whole list.
"""

import re
from collections import Counter

import claims
import included_examples
from claims import Claim, Heading
from mkdocs.config.defaults import MkDocsConfig
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
        "corrected": listed(headings, pages, {"corrected"}, whole=True),
        "all": listed(headings, pages, set(claims.FATES), whole=False),
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


def listed(
    headings: list[Heading], pages: dict[str, str], fates: set[str], whole: bool
) -> str:
    """A list of the claims with these fates under each heading.

    `whole` says what is true instead; otherwise a correction is linked to.
    """
    parts: list[str] = []
    for heading in headings:
        chosen = [claim for claim in heading.claims if claim.fate in fates]
        if chosen:
            # The same heading stands in both lists: only one has its name as its id.
            anchor = f" {{ #wrong-{heading.key} }}" if whole else ""
            rows = "\n".join(row(claim, pages, whole) for claim in chosen)
            parts.append(
                f"### {heading.title}{anchor}\n\n"
                f'<ul class="claims" markdown="1">\n{rows}\n</ul>'
            )
    return "\n\n".join(parts)


def row(claim: Claim, pages: dict[str, str], whole: bool) -> str:
    """A claim, what became of it, and where that can be seen.

    The id of a corrected claim is that of its correction, of another that of its row.
    """
    fate = f'<span class="claims__fate claim-mark--{claim.fate}">{claim.fate}</span>'
    identity = "" if claim.fate == "corrected" and not whole else f' id="{claim.key}"'
    if claim.fate == "corrected" and not whole:
        lines = [f"{claim.said} [What is true](#{claim.key})."]
    else:
        lines = [f"<q>{claim.said}</q>" if whole else claim.said]
        lines += [f"**{claim.truth}**"] if whole else []
        lines += [claim.note] if claim.note else []
        lines += [f"<small>{evidence(claim, pages)}</small>"]
    body = "<br>".join(lines)
    return f'<li{identity} markdown="span">{fate} {body}</li>'


def evidence(claim: Claim, pages: dict[str, str]) -> str:
    """Links to the program that shows it, the source, and the page that speaks of it."""
    links: list[str] = []
    if claim.program:
        path = claim.program.removeprefix("examples/")
        name = path.split("/")[1].removesuffix(".py")
        links.append(f"[`{path}`]({pages[path]}#{name})")
    if claim.source:
        host = claim.source.split("/")[2]
        links.append(f"[{host}]({claim.source})")
    if claim.page:
        links.append(f"[on this site]({claim.page}#claim-{claim.key})")
    return ", ".join(links)
