"""What happened in the recorded runs? `<!-- journey -->` becomes diagrams and data.

Nothing in them is drawn by hand: each line stands for requests in
recordings/journey-kwok.json or journey-kind.json, which the suite writes from the API
server's audit log.
"""

import json
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from typing import TypedDict, cast

from last_run import DRIVERS
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

MARKER = "<!-- journey -->"

STEPS = {
    1: "Decide",
    2: "Store",
    3: "Reconcile",
    4: "Schedule",
    5: "Run",
    6: "Send traffic",
}

# The drawing is this wide, so that it fits a phone at its own size, in pixels.
WIDTH, LINE_X, TEXT_X = 340, 74, 100
HEADING, ROW = 34, 52


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


class Recording(TypedDict):
    """recordings/journey-DRIVER.json."""

    kubernetes: str
    driver: str
    date: str
    cores: int
    memory_gib: int
    trail: list[Request]


@dataclass
class Row:
    """Requests of one kind in a step, of which the first came at `at` milliseconds."""

    step: int
    at: float
    who: str
    did: str
    times: int = 1


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Replace the marker by the recordings: drawn, and in full in closed boxes."""
    if MARKER not in markdown:
        return markdown
    folder = Path(config.config_file_path).parent / "recordings"
    recordings = [
        cast(Recording, json.loads((folder / f"journey-{driver}.json").read_text()))
        for driver in ("kwok", "kind")
    ]
    drawn = "".join(figure(each) for each in recordings)
    boxes = "\n\n".join(trail_box(each) for each in recordings)
    return markdown.replace(MARKER, f'<div class="diagrams">{drawn}</div>\n\n{boxes}')


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


def figure(recording: Recording) -> str:
    """The sequence diagram: everybody's requests to the API server, from top to bottom.

    One line, without blank ones, so that Markdown leaves it as it is.
    """
    drawn: list[str] = []
    told: list[str] = []
    y, step = 44, 0
    for row in rows(recording["trail"]):
        if row.step != step:
            step = row.step
            drawn.append(
                f'<path d="M{TEXT_X} {y}H{WIDTH}" stroke="var(--line)"/>'
                f'<text x="{TEXT_X}" y="{y + 22}" fill="var(--link)">'
                f"{step}. {STEPS[step]}</text>"
            )
            y += HEADING
        drawn.append(request(row, y) if step != 2 else answer(row, y))
        times = f", {row.times} times" if row.times > 1 else ""
        told.append(f"{step}. {row.at:.0f} ms: {row.who}: {row.did}{times}.")
        y += ROW
    line = (
        f'<rect x="4" y="8" width="{LINE_X * 2 - 8}" height="28" rx="4"'
        ' fill="var(--sheet)" stroke="currentColor"/>'
        f'<text x="{LINE_X}" y="27" text-anchor="middle" font-weight="700">'
        "kube-apiserver</text>"
        f'<path d="M{LINE_X} 36V{y}" stroke="currentColor" stroke-width="2"/>'
    )
    day = date.fromisoformat(recording["date"])
    driver = recording["driver"]
    return (
        '<figure class="diagram">'
        f'<svg viewBox="0 0 {WIDTH} {y + 4}" width="{WIDTH}" height="{y + 4}"'
        f' role="img" aria-labelledby="journey-{driver} journey-{driver}-text"'
        ' font-family="inherit" font-size="14" fill="currentColor">'
        f'<title id="journey-{driver}">The requests of a scale-up, in their order:'
        f" {DRIVERS[driver]}</title>"
        f'<desc id="journey-{driver}-text">{escape(" ".join(told))}</desc>'
        f"{line}{''.join(drawn)}</svg>"
        "<figcaption>Recorded "
        f'<time datetime="{day}">{day.day} {day:%B %Y}</time>'
        f" on Kubernetes {recording['kubernetes'].removeprefix('v')},"
        f" {DRIVERS[driver]}, on a machine of {recording['cores']} cores and"
        f" {recording['memory_gib']} GiB; milliseconds after the first request."
        "</figcaption></figure>"
    )


def request(row: Row, y: int) -> str:
    """An arrow to the API server, and who sends what."""
    times = f" ({row.times} times)" if row.times > 1 else ""
    return (
        f'<path d="M{TEXT_X - 4} {y + 9}H{LINE_X + 3}m7-5-7 5 7 5" fill="none"'
        ' stroke="var(--link)" stroke-width="2"/>'
        f"{moment(row, y)}"
        f"{words(row.who, row.did + times, y)}"
    )


def answer(row: Row, y: int) -> str:
    """What the API server does by itself: a box on its line."""
    return (
        f'<rect x="{LINE_X - 5}" y="{y - 12}" width="10" height="30"'
        ' fill="var(--link)"/>'
        f"{moment(row, y)}"
        f"{words(row.who, row.did, y)}"
    )


def words(who: str, did: str, y: int) -> str:
    """Who, and below it what they did."""
    return (
        f'<text x="{TEXT_X + 2}" y="{y + 14}" font-weight="700">{escape(who)}</text>'
        f'<text x="{TEXT_X + 2}" y="{y + 34}">{escape(did)}</text>'
    )


def moment(row: Row, y: int) -> str:
    """When the first request of the row came."""
    return (
        f'<text x="{LINE_X - 12}" y="{y + 14}" text-anchor="end" font-size="13"'
        f' fill="var(--ink-soft)">{row.at:.0f} ms</text>'
    )


def trail_box(recording: Recording) -> str:
    """All requests of the trail as a table, closed at first."""
    trail = recording["trail"]
    lines = [
        "| ms | step | who | did | to | identity | user agent |",
        "| --: | --- | --- | --- | --- | --- | --- |",
    ]
    for r in trail:
        cells = (r["did"], r["name"], r["user"], r["agent"])
        did, name, user, agent = (f"`{cell}`" if cell else "" for cell in cells)
        lines.append(
            f"| {r['received']:.1f} | {r['step'] or ''} | {r['who']} | {did} | {name}"
            f" | {user} | {agent} |"
        )
    nodes = DRIVERS[recording["driver"]]
    title = f'??? note "The whole trail, {nodes}: {len(trail)} requests"'
    lines = ['<div class="trail" markdown>', "", *lines, "", "</div>"]
    return "\n".join([title, "", *(f"    {line}" for line in lines)])
