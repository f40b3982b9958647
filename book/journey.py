"""A request's journey, as recorded: a diagram, and all requests in closed boxes.

Nothing in it is drawn by hand: each line stands for requests in
recordings/journey-kwok.json and journey-kind.json, which the suite writes from the API
server's audit log.
"""

from typing import Any

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


def part(view: View, argument: str) -> tuple[str, dict[str, Any]]:
    """Return the template "journey" and its values.

    Requests of a kind are one row, in the order of the first run. It has the
    milliseconds at which the first came in each run, in which there may be none; where
    it is drawn, from the top; and whether it is the first of its step.
    """
    runs = [view.site.recording(f"journey-{driver}") for driver in ("kwok", "kind")]
    first, *others = [kinds(run["trail"]) for run in runs]
    rows: list[dict[str, Any]] = []
    end, last_step = TOP, 0
    for (step, who, did), at in first.items():
        times = [at, *(other.get((step, who, did)) for other in others)]
        y = end + (HEADING if step != last_step else 0)
        rows.append(
            {"step": step, "who": who, "did": did, "at": times, "y": y}
            | {"first": step != last_step}
        )
        end, last_step = y + ROW, step
    return "journey", {"runs": runs, "rows": rows, "end": end, "steps": STEPS}


def kinds(trail: list[dict[str, Any]]) -> dict[tuple[int, str, str], float]:
    """Return when the first request of each kind came that carries the journey forward.

    A kind is a step, who sent the request, and what it did. Step 2 has no request: the
    API server stores what was decided, and then answers.
    """
    first: dict[tuple[int, str, str], float] = {}
    for request in trail:
        if request["step"] is None:
            continue
        kind = request["step"], request["who"], request["did"]
        first.setdefault(kind, request["received"])
        if request["did"] == "update deployments/scale":
            stored = 2, "kube-apiserver", "answers when it has stored that"
            first.setdefault(stored, request["answered"])
    return first
