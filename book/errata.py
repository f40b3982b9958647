"""What was wrong in the chapter, and what became of each of its claims."""

from collections import Counter
from typing import Any

from book.claims import Claim
from book.site import View


def summary(view: View) -> dict[str, Any]:
    """How many claims there are, and what became of how many."""
    every = [claim for heading in view.site.claims for claim in heading.claims]
    behaviour = [claim for claim in every if claim.behaviour]
    return {
        "claims": len(every),
        "sections": len(view.site.claims),
        "fates": Counter(claim.fate for claim in every),
        "behaviour": len(behaviour),
        "shown": sum(bool(claim.program) for claim in behaviour),
    }


def evidence(view: View, claim: Claim) -> list[dict[str, str]]:
    """Links to the program, the source, and the page that speaks of a claim.

    Raises PluginError where no page shows the program.
    """
    links: list[dict[str, str]] = []
    if claim.program:
        path = claim.program.removeprefix("examples/")
        place = view.site.page_of(path, f"facts/claims.yaml: {claim.key}")
        links.append({"to": view.link(place), "program": path})
    if claim.source:
        links.append({"to": claim.source, "text": claim.source.split("/")[2]})
    if claim.page:
        to = view.link(f"{claim.page}#claim-{claim.key}")
        links.append({"to": to, "text": "on this site"})
    return links
