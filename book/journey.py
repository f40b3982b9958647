"""A request's journey, as recorded: a diagram, and all requests in closed boxes.

Nothing in it is drawn by hand: each line stands for requests in
recordings/journey-kwok.json and journey-kind.json, which the suite writes from the API
server's audit log.
"""

from dataclasses import dataclass, field
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
    """Requests of one kind in a step.

    `at` has the milliseconds at which the first came in each run, in which there may be
    none. `y` is where the row is drawn, `first` whether it is the first of its step.
    """

    step: int
    who: str
    did: str
    at: list[float | None] = field(default_factory=list)
    y: int = 0
    first: bool = False


def part(view: View, argument: str) -> tuple[str, dict[str, Any]]:
    """The template "journey" and its values."""
    runs: list[dict[str, Any]] = []
    for driver in ("kwok", "kind"):
        run = view.site.recording(f"journey-{driver}")
        runs.append(run | {"day": date.fromisoformat(run["date"])})
    drawn = rows([run["trail"] for run in runs])
    return "journey", {
        "runs": runs,
        "rows": drawn,
        "end": place(drawn),
        "steps": STEPS,
        "drivers": DRIVERS,
    }


def rows(trails: list[list[Request]]) -> list[Row]:
    """The requests that carry the journey forward, those of a kind in one row.

    They stand in the order of the first run.
    """
    first, *others = [kinds(trail) for trail in trails]
    return [
        Row(*kind, [at, *(other.get(kind) for other in others)])
        for kind, at in first.items()
    ]


def kinds(trail: list[Request]) -> dict[tuple[int, str, str], float]:
    """When the first request of each kind came.

    Step 2 has no request: the API server stores what was decided, and then answers.
    """
    found: dict[tuple[int, str, str], float] = {}
    for request in trail:
        if request["step"] is None:
            continue
        kind = request["step"], request["who"], request["did"]
        found.setdefault(kind, request["received"])
        if request["did"] == "update deployments/scale":
            stored = 2, "kube-apiserver", "answers when it has stored that"
            found.setdefault(stored, request["answered"])
    return found


def place(drawn: list[Row]) -> int:
    """Give each row its place, from top to bottom, and return where the last ends."""
    y, step = TOP, 0
    for row in drawn:
        row.first = row.step != step
        step = row.step
        row.y = y + (HEADING if row.first else 0)
        y = row.y + ROW
    return y
