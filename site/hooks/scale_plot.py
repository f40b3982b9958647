"""How did the run at scale go? `<!-- scale -->` becomes a plot of it and its figures.

Both are made from recordings/scale.json, which `python -m tests.bench.record scale`
writes.
"""

import json
from datetime import date
from pathlib import Path
from typing import TypedDict, cast

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

MARKER = "<!-- scale -->"

# As wide as a phone's column, so that its text is legible there at its own size.
WIDTH, HEIGHT = 340, 250
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 24, 34


class Recording(TypedDict):
    """recordings/scale.json. Times are in seconds.

    A sample is [time, Pods, Pods of the newest template, available Pods].
    """

    kubernetes: str
    date: str
    cores: int
    memory_gib: int
    load: float
    nodes: int
    pods: int
    created: float
    replaced: float
    update_at: float
    samples: list[list[float]]


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Replace the marker by the plot, a table and what the figures are from."""
    if MARKER not in markdown:
        return markdown
    recording = cast(Recording, json.loads(recording_in(config).read_text()))
    return markdown.replace(MARKER, f"{plot(recording)}\n\n{figures(recording)}")


def recording_in(config: MkDocsConfig) -> Path:
    """Where the recording is."""
    return Path(config.config_file_path).parent / "recordings" / "scale.json"


def figures(run: Recording) -> str:
    """What took how long, and on what machine."""
    rows = "\n".join(
        f"| {step} | {seconds:.0f} s | {run['pods'] / seconds:.1f} |"
        for step, seconds in [
            (f"create {run['pods']:,} Pods", run["created"]),
            (f"replace all {run['pods']:,}", run["replaced"]),
        ]
    )
    day = date.fromisoformat(run["date"])
    return (
        f"| step | took | Pods per second |\n| --- | --: | --: |\n{rows}\n\n"
        f"Recorded on {day:%d %B %Y}: Kubernetes {run['kubernetes']}, "
        f"{run['nodes']:,} nodes simulated by KWOK, control plane and nodes together "
        f"on one machine of {run['cores']} cores and {run['memory_gib']} GiB that had "
        f"much other work to do (load average {run['load']:g})."
    )


def plot(run: Recording) -> str:
    """Available Pods and Pods of the newest template over time, as SVG."""
    end = run["samples"][-1][0]
    floor = run["pods"] - run["pods"] // 4
    # More than were asked for, while old and new are both there.
    most = max(run["pods"], *(available for *_, available in run["samples"]))

    def x(seconds: float) -> float:
        return round(LEFT + seconds / end * (WIDTH - LEFT - RIGHT), 1)

    def y(pods: float) -> float:
        return round(HEIGHT - BOTTOM - pods / most * (HEIGHT - TOP - BOTTOM), 1)

    def line(column: int, style: str) -> str:
        # Where nothing changes, the two ends are enough.
        rows = run["samples"]
        kept = [
            row
            for before, row, after in zip(
                [rows[0], *rows], rows, [*rows[1:], [-1] * 4], strict=False
            )
            if not before[column] == row[column] == after[column] or row is rows[0]
        ]
        points = " ".join(f"{x(row[0])},{y(row[column])}" for row in kept)
        return f'<polyline points="{points}" fill="none" style="{style}"/>'

    def text(at: tuple[float, float], words: str, more: str = "") -> str:
        return f'<text x="{at[0]}" y="{at[1]}" {more}>{words}</text>'

    step = next(s for s in (10, 20, 30, 60, 120, 300) if end / s <= 6)
    ticks = [s for s in range(0, int(end) + 1, step)]
    levels = [0, run["pods"] // 2, run["pods"]]
    update, right = x(run["update_at"]), WIDTH - RIGHT
    grid = "stroke:var(--line)"
    new = "stroke:var(--surprise);stroke-width:2;stroke-dasharray:5 3"
    parts = [
        *(
            f'<path d="M{LEFT} {y(pods)}H{right}" style="{grid}"/>'
            + text((LEFT - 6, y(pods) + 4), f"{pods:,}", 'text-anchor="end"')
            for pods in levels
        ),
        *(
            text((x(s), HEIGHT - BOTTOM + 16), str(s), 'text-anchor="middle"')
            for s in ticks
        ),
        text((right, HEIGHT - 4), "seconds", 'text-anchor="end"'),
        text((0, 12), "Pods"),
        f'<path d="M{update} {TOP - 6}V{HEIGHT - BOTTOM}" style="{grid}"/>',
        text((update, 12), "new template", 'text-anchor="middle"'),
        f'<path d="M{update} {y(floor)}H{right}"'
        ' style="stroke:var(--ink-soft);stroke-dasharray:2 3"/>',
        line(2, new),
        line(3, "stroke:var(--ran);stroke-width:2.5"),
        # Over the lines, each letter with a rim of the page's colour.
        text(
            (right, y(floor) + 14),
            f"floor: {floor:,}",
            'text-anchor="end"'
            ' style="paint-order:stroke;stroke:var(--paper);stroke-width:4px"',
        ),
    ]
    lowest = min(r[3] for r in run["samples"] if r[0] >= run["update_at"])
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' style="width:100%;max-width:34rem;font-size:12px;fill:var(--ink)"'
        ' aria-labelledby="scale-plot">'
        f'<title id="scale-plot">Available Pods rise from 0 to {run["pods"]:,} in '
        f"{run['created']:.0f} seconds. While all are replaced, in "
        f"{run['replaced']:.0f} seconds, {lowest:,.0f} or more are available.</title>"
        f"{''.join(parts)}</svg><figcaption>Solid: available Pods. Dashed: Pods of the "
        "newest template. Both as the Deployment's status has them.</figcaption>"
        "</figure>"
    )
