"""A request's journey, as recorded: diagrams, and all requests in closed boxes.

Nothing in them is drawn by hand: each line stands for requests in
recordings/journey-kwok.json or journey-kind.json, which the suite writes from the API
server's audit log.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, TypedDict

from book.last_run import DRIVERS
from book.site import View

STEPS = {
    1: "Decide",
    2: "Store",
    3: "Reconcile",
    4: "Schedule",
    5: "Run",
    6: "Send traffic",
}

# In pixels. The drawing is as wide as a phone's column at its own size.
TOP, HEADING, ROW = 44, 34, 52


class Request(TypedDict):
    """A request of the trail; its times are milliseconds after the first."""

    received: float
    answered: float
    step: int | None
    did: str
    name: str
    who: str
    user: str
    agent: str


@dataclass
class Row:
    """Requests of one kind in a step, of which the first came at `at` milliseconds.

    `y` is where it is drawn, `first` whether it is the first of its step.
    """

    step: int
    at: float
    who: str
    did: str
    times: int = 1
    y: int = 0
    first: bool = False


def part(view: View, argument: str) -> tuple[str, dict[str, Any]]:
    """The template "journey" and its values."""
    runs: list[dict[str, Any]] = []
    for driver in ("kwok", "kind"):
        run = view.site.recording(f"journey-{driver}")
        drawn = rows(run["trail"])
        day = date.fromisoformat(run["date"])
        runs.append(run | {"rows": drawn, "end": place(drawn), "day": day})
    return "journey", {"runs": runs, "steps": STEPS, "drivers": DRIVERS}


def rows(trail: list[Request]) -> list[Row]:
    """The requests that carry the journey forward, those of a kind in one row.

    Step 2 has no request: it is how long the API server took to answer the one that
    decided.
    """
    found: dict[tuple[str, str], Row] = {}
    for request in trail:
        if request["step"] is None:
            continue
        key = request["who"], request["did"]
        if key in found:
            found[key].times += 1
            continue
        found[key] = Row(request["step"], request["received"], *key)
        if request["did"] == "update deployments/scale":
            took = request["answered"] - request["received"]
            found["", ""] = Row(
                2, request["answered"], "kube-apiserver", f"answers after {took:.1f} ms"
            )
    return list(found.values())


def place(drawn: list[Row]) -> int:
    """Give each row its place, from top to bottom, and return where the last ends."""
    y, step = TOP, 0
    for row in drawn:
        row.first = row.step != step
        step = row.step
        row.y = y + (HEADING if row.first else 0)
        y = row.y + ROW
    return y
