"""The replay of the run at scale, node by node: `/// nodes-replay`.

Two thousand Pods are too many to be shown one by one. So each node is a cell, filled by
its ready Pods: hatched by those of the old ReplicaSet, solid by those of the new one.
It comes from recordings/scale.json, a frame every two seconds; replay-nodes.js moves
it. Drawn is the moment at which the old and the new share the nodes.
"""

import json
from html import escape
from typing import Any

from markupsafe import Markup

from book.replay import drawing
from book.replay.drawing import SCALE, Asked, Picture, Played
from book.replay.scene import Recorded, Scene, Step, Track
from book.site import View
from sandbox.errors import UserError

ANEW = "python -m tests.bench.record scale --nodes 200 --pods 2000 --deadline 900"

# So that some minutes take about as long as the other replays.
SPEEDS = (5.0, 10.0, 20.0, 40.0)

COLUMNS = 20
# A cell is 10 by 10, and its bar this wide and at most so high.
BAR = 8
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SHARES = (25, 50, 75, 100)


class Run(Recorded):
    """What recordings/scale.json has for this; tests/bench/node_counts.py explains."""

    nodes: int
    pods: int
    sets: list[tuple[str, str]]
    requests: list[tuple[int, str, int, str, str, str]]
    frames: list[tuple[int, list[int], list[int], list[int], list[int], int, int]]


class Moment:
    """The ready Pods of both ReplicaSets on each node, and those not ready yet."""

    def __init__(self, ready: list[list[int]], waiting: list[int]) -> None:
        self.ready, self.waiting = ready, waiting
        self.old, self.new = (sum(each) for each in ready)


def part(view: View, argument: str) -> tuple[str, dict[str, Any]]:
    """The template "raw" and its values.

    Raises UserError where the recording has nothing of nodes, or is broken.
    """
    try:
        return "raw", {"html": drawn(view.site.recording(SCALE), view)}
    except drawing.BROKEN as error:
        raise UserError(
            f"recordings/{SCALE}.json: not the recording of a"
            f" run on nodes ({error!r}): {ANEW}"
        ) from None


def drawn(run: Run, view: View) -> Markup:
    """The figure, drawn at the moment with most of both ReplicaSets."""
    moments = counted(run)
    times = [frame[0] for frame in run["frames"]]
    plays = drawing.played(times, SPEEDS)
    scene = Scene(times, Track(""), [], [], steps(run, moments, times))
    telling = max(
        range(len(moments)), key=lambda n: min(moments[n].old, moments[n].new)
    )
    picture = Picture(
        telling, plays, nodes(run, moments, telling), chart(run, moments, plays, times)
    )
    asked = Asked(SCALE, [run["requests"][0][1]], set())
    return drawing.figure(asked, run, scene, picture, view, 1, "replay-nodes.js")


def counted(run: Run) -> list[Moment]:
    """What there is after each frame."""
    ready = [[0] * run["nodes"], [0] * run["nodes"]]
    moments: list[Moment] = []
    for _, got_old, lost_old, got_new, lost_new, *waiting in run["frames"]:
        for number, got, lost in ((0, got_old, lost_old), (1, got_new, lost_new)):
            for node in got:
                ready[number][node] += 1
            for node in lost:
                ready[number][node] -= 1
        moments.append(Moment([list(each) for each in ready], waiting))
    return moments


def steps(run: Run, moments: list[Moment], times: list[int]) -> list[Step]:
    """What the program sent, and how far the Pods were when."""

    def after(at: int) -> int:
        return next((n for n, time in enumerate(times) if time >= at), len(times) - 1)

    timeline = [
        Step(after(at), "sent", program, line, f"{verb} {resource} {name}")
        for at, program, line, verb, resource, name in run["requests"]
    ]
    (old, _), (new, _) = run["sets"]
    update = timeline[-1].moment
    for name, of in (
        (old, [moment.old for moment in moments[: update + 1]]),
        (new, [moment.new for moment in moments]),
    ):
        for goal in (1, *(run["pods"] * share // 100 for share in SHARES)):
            what = "1 Pod is ready" if goal == 1 else f"{goal:,} Pods are ready"
            moment = next(n for n, count in enumerate(of) if count >= goal)
            kind = "ready" if goal == run["pods"] else "changed"
            timeline.append(Step(moment, kind, f"ReplicaSet {name}", 0, what))
    ready = [moment.old + moment.new for moment in moments[update:]]
    lowest = update + ready.index(min(ready))
    timeline.append(
        Step(lowest, "told", "both ReplicaSets", 0, f"the fewest ready: {min(ready):,}")
    )
    gone = next(n for n in range(update, len(moments)) if not moments[n].old)
    timeline.append(Step(gone, "changed", f"ReplicaSet {old}", 0, "the last Pod goes"))
    return sorted(timeline, key=lambda step: step.moment)


def nodes(run: Run, moments: list[Moment], telling: int) -> str:
    """The cells at a moment, the counts below them, and the frames for the script."""
    shown = moments[telling]
    top = max(old + new for m in moments for old, new in zip(*m.ready, strict=True))
    width, height = 10 * COLUMNS, -(-run["nodes"] // COLUMNS) * 10
    old, new = bars(shown, top)
    sets = "".join(
        f'<li><svg class="replay__swatch" viewBox="0 0 10 10" aria-hidden="true">'
        f'<path class="{kind}" d="M1 1h8v8h-8z"/></svg><b>{escape(name)}</b> '
        f'<span>{escape(image)}: <b data-of="{2 * number}">{ready:,}</b> ready, '
        f'<b data-of="{2 * number + 1}">{waiting:,}</b> not yet</span></li>'
        for number, (kind, (name, image), ready, waiting) in enumerate(
            zip(
                ("old", "new"),
                run["sets"],
                (shown.old, shown.new),
                shown.waiting,
                strict=True,
            )
        )
    )
    frames = json.dumps(
        [
            [" ".join(coded(places) for places in frame[1:5]), *frame[5:]]
            for frame in run["frames"]
        ],
        separators=(",", ":"),
    )
    return (
        f'<p class="replay__gauge">{run["nodes"]} nodes, filled by their ready Pods, '
        f"at most {top}</p>"
        f'<svg class="replay__nodes" viewBox="0 0 {width} {height}" role="img"'
        f' aria-label="{run["nodes"]} nodes: the counts below say what is on them"'
        f' data-nodes="{run["nodes"]}" data-columns="{COLUMNS}" data-top="{top}">'
        '<defs><pattern id="replay-cell" width="10" height="10"'
        ' patternUnits="userSpaceOnUse"><path d="M1 1h8v8h-8z"/></pattern>'
        '<pattern id="replay-hatch" width="2" height="2" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><path d="M0 0h1v2h-1z"/></pattern></defs>'
        f'<path class="cells" d="{cells(run["nodes"])}"/>'
        f'<path class="old" d="{old}"/><path class="new" d="{new}"/></svg>'
        f'<ul class="replay__sets" aria-label="Pods of each ReplicaSet">{sets}</ul>'
        f'<script type="application/json">{frames}</script>'
    )


def cells(count: int) -> str:
    """The outlines of all cells: full rows, and what is left."""
    rows, left = divmod(count, COLUMNS)
    full = f"M0 0h{COLUMNS * 10}v{rows * 10}H0z" if rows else ""
    return full + (f"M0 {rows * 10}h{left * 10}v10H0z" if left else "")


def bars(moment: Moment, top: int) -> tuple[str, str]:
    """The old Pods of each node, on top of the new, as outlines of bars."""
    paths = ["", ""]
    for number, (old, new) in enumerate(zip(*moment.ready, strict=True)):
        row, column = divmod(number, COLUMNS)
        middle = row * 10 + 9 - BAR * new / top
        for which, bottom, count in ((0, middle, old), (1, row * 10 + 9.0, new)):
            if count:
                paths[which] += (
                    f"M{column * 10 + 1} {rounded(bottom)}h{BAR}"
                    f"v{rounded(-BAR * count / top)}h-{BAR}z"
                )
    return paths[0], paths[1]


def rounded(number: float) -> str:
    """To a hundredth, as the script writes it."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def coded(places: list[int]) -> str:
    """Sorted numbers as the gaps between them, a digit each; the last digit goes on."""
    text = ""
    for gap in (b - a for a, b in zip([0, *places], places, strict=False)):
        far, near = divmod(gap, len(DIGITS) - 1)
        text += DIGITS[-1] * far + DIGITS[near]
    return text


def chart(run: Run, moments: list[Moment], plays: Played, times: list[int]) -> str:
    """Ready Pods over time: the new ones below, the old ones on them."""
    floor = run["pods"] - run["pods"] // 4
    top = max(moment.old + moment.new for moment in moments)

    def area(counts: list[int], on: list[int]) -> str:
        def line(heights: list[int]) -> list[str]:
            return [
                f"{drawing.x(plays, n):g} {100 - 96 * height / top:.1f}"
                for n, height in enumerate(heights)
            ]

        above = [count + below for count, below in zip(counts, on, strict=True)]
        return f"M{'L'.join(line(above) + line(on)[::-1])}z"

    new = [moment.new for moment in moments]
    old = [moment.old for moment in moments]
    update = next(n for n, time in enumerate(times) if time >= run["requests"][-1][0])
    y = 100 - 96 * floor / top
    return (
        f'<p class="replay__gauge">Pods ready; while replaced, at least {floor:,}</p>'
        '<svg class="replay__chart replay__chart--sets" viewBox="0 0 1000 100"'
        ' preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="old" d="{area(old, new)}"/>'
        f'<path class="new" d="{area(new, [0] * len(new))}"/>'
        f'<path class="bound" d="M{drawing.x(plays, update):g} {y:.1f}H1000"/></svg>'
    )
