"""What the chapter claims, and what became of each claim: lists of them."""

from collections import Counter
from functools import partial
from typing import Any

from book.facts import Claim, Heading
from book.site import View


def part(view: View, argument: str) -> tuple[str, dict[str, Any]]:
    """Return the template "claims" and its values, for all that the chapter claims."""
    headings = view.site.headings
    claims = [claim for heading in headings for claim in heading.claims]
    behaviour = [claim for claim in claims if claim.behaviour]
    return listed(
        view,
        headings,
        claims=len(claims),
        fates=Counter(claim.fate for claim in claims),
        behaviour=len(behaviour),
        shown=sum(bool(claim.program) for claim in behaviour),
    )


def listed(
    view: View, headings: list[Heading], **values: Any
) -> tuple[str, dict[str, Any]]:
    """Return the template "claims" and its values, for some headings."""
    values |= {"headings": headings, "evidence_of": partial(evidence, view)}
    return "claims", values


def evidence(view: View, claim: Claim) -> list[dict[str, str]]:
    """Return links to the program, the source, and the page that speaks of a claim.

    Raises UserError where no page shows the program.
    """
    links: list[dict[str, str]] = []
    if claim.program:
        path = claim.program.removeprefix("examples/")
        links.append({"to": view.link(view.site.page_of(path)), "program": path})
    if claim.source:
        links.append({"to": claim.source, "text": claim.source.split("/")[2]})
    if claim.page:
        to = view.link(f"{claim.page}#claim-{claim.key}")
        links.append({"to": to, "text": "on this site"})
    return links
