"""A replay of a program's run: drawn, told in a table, moved by replay.js.

`/// replay | STORY/NAME.py` asks for it. More programs of the story may follow
(`04_undo.py 05_automatic_rollback.py`), and after commas `by node`, for Pods
grouped so, and `plays`, for a replay that plays by itself when it is first seen.

What happened is in the story's recording, which the suite writes. It is drawn at the
moment with the most to see, and told in full in a table. So it stays without
JavaScript and on paper.
"""

import json
import re
from html import escape
from itertools import pairwise
from typing import Any, NamedTuple

from markupsafe import Markup

from book.last_run import DRIVERS
from book.markup import day
from book.replay import scene as scenes
from book.replay.scene import (
    Gauge,
    Group,
    Recorded,
    Recording,
    Scene,
    Step,
    Tile,
    Track,
)
from book.run_in_page import recording
from book.site import Site, View
from sandbox.errors import UserError

ASKED = re.compile(
    r"(?P<story>[\w-]+)/(?P<programs>\w+\.py(?: \w+\.py)*)(?P<options>(?:, [a-z ]+)*)"
)
OPTIONS = {"by node", "plays"}

# What reading raises where something is not as the suite writes it.
BROKEN = (AttributeError, IndexError, KeyError, TypeError, ValueError)

# The story of which recordings/scale.json has the run.
SCALE = "scale"

# How fast to play at first: as many ms of the run in one ms, so that it takes about
# as long as this.
SPEEDS = (0.25, 0.5, 1.0)
PLAYED_MS = 16_000
# Where nothing happens, no longer than this is waited.
WAIT_MS = 2_000

# Of 16 by 16. They tell the states apart where colours don't.
RING = '<circle cx="8" cy="8" r="6" class="line"/>'
SHAPES = {
    "none": "",
    "pending": RING.replace("/>", ' stroke-dasharray="2.6 2.1"/>'),
    "running": f'{RING}<path d="M8 2a6 6 0 0 0 0 12z"/>',
    "ready": (
        '<circle cx="8" cy="8" r="7"/><path d="m4.7 8.3 2.3 2.3 4.3-4.8" class="cut"/>'
    ),
    "terminating": f'{RING}<path d="M5 8h6" class="line"/>',
    "failed": (
        '<path d="M8 1 15.5 14.5H.5z"/><path d="M8 5.5v4.2m0 1.3v1.7" class="cut"/>'
    ),
}


class Asked(NamedTuple):
    """What a page asks for."""

    story: str
    programs: list[str]
    options: set[str]


class Played(NamedTuple):
    """When each moment is shown: in ms from the start, at a speed of the real one."""

    speed: float
    times: list[int]
    waits: list[tuple[int, int]]
    """The moments after which is waited, and for how many ms it was so in the run."""


class Picture(NamedTuple):
    """What a replay shows, and of which moment while nothing has moved it."""

    moment: int
    plays: Played
    groups: str
    charts: str


def part(view: View, argument: str) -> tuple[str, dict[str, Any]]:
    """The template "raw" and its values. The first of a page brings script and shapes.

    Raises UserError where there is no recording of these programs, or a broken one.
    """
    asked = parsed(argument)
    recorded = recording.read(view.site.root, asked.story)
    ran = {name for name, each in recorded["programs"].items() if "start" in each}
    if missing := [name for name in asked.programs if name not in ran]:
        raise UserError(
            f"{' and '.join(missing)} is not in {recording.FOLDER}/{asked.story}:"
            f" {recording.anew(asked.story)}"
        )
    number = 1 + _replays_of(view).index(argument)
    try:
        run = scenes.read(recorded)
        scene = scenes.scene(run, asked.programs, "by node" in asked.options)
        return "raw", {"html": drawn(asked, run, scene, view, number)}
    except BROKEN as error:
        raise UserError(broken(asked.story, error)) from None


def _replays_of(view: View) -> list[str]:
    """What the replays of a page are asked for by, in its order."""
    return re.findall(r"^/// replay \| (.*)$", view.file.content_string, re.MULTILINE)


def lines_sent(site: Site, program: str) -> set[int]:
    """The lines of a program, by its path, that sent a request in the recorded run."""
    story, _, name = program.partition("/")
    if story == SCALE:
        requests = site.recording(SCALE)["requests"]
        return {line for _, sent_by, line, *_ in requests if sent_by == name}
    if not recording.file_of(site.root, story).is_file():
        return set()
    recorded = recording.read(site.root, story)
    sent = scenes.read(recorded)["requests"] if "changes" in recorded else []
    return {request.line for request in sent if request.program == name}


def parsed(text: str) -> Asked:
    """What a page asks for. Raises UserError where it can't be read."""
    match = ASKED.fullmatch(text)
    options = set(filter(None, match["options"].split(", "))) if match else set[str]()
    if match is None or not options <= OPTIONS:
        raise UserError(
            "it can't be read: write STORY/NAME.py, more programs of the story if need "
            "be, and after a comma `by node` or `plays`"
        )
    return Asked(match["story"], match["programs"].split(), options)


def broken(story: str, error: Exception) -> str:
    """What to say of a recording that can't be drawn."""
    return (
        f"{recording.FOLDER}/{story}: not the recording of a run ({error!r}):"
        f" {recording.anew(story)}"
    )


def assets(view: View, *scripts: str) -> str:
    """What a page needs that has a replay, and others don't fetch."""
    shapes = "".join(
        f'<symbol id="replay-{name}" viewBox="0 0 16 16">{shape}</symbol>'
        for name, shape in SHAPES.items()
    )
    loaded = "".join(
        f'<script defer src="{view.url(f"assets/{name}")}"></script>'
        for name in ("replay.js", *scripts)
    )
    return f'{loaded}<svg class="replay__shapes" aria-hidden="true">{shapes}</svg>'


def place_of(view: View, story: str, program: str, line: int = 0) -> str:
    """The address of a program of a story, or of a line of it."""
    path = f"{story}/{program}"
    at = view.url(view.site.page_of(path))
    return f"{at}-{line}" if line else at


def played(times: list[int], speeds: tuple[float, ...] = SPEEDS) -> Played:
    """When to show each moment, so that it takes neither too long nor too little."""

    def at(speed: float) -> list[int]:
        shown = [0.0]
        for before, after in pairwise(times):
            shown.append(shown[-1] + min((after - before) / speed, WAIT_MS))
        return [round(time) for time in shown]

    speed = min(speeds, key=lambda speed: abs(at(speed)[-1] - PLAYED_MS))
    waits = [
        (number, after - before)
        for number, (before, after) in enumerate(pairwise(times))
        if (after - before) / speed > WAIT_MS
    ]
    return Played(speed, at(speed), waits)


def drawn(
    asked: Asked, run: Recording, scene: Scene, view: View, number: int
) -> Markup:
    """The figure of a scene's Pods."""
    moment = scene.telling_moment()
    plays = played(scene.times)
    groups = "".join(group_box(group, moment) for group in scene.groups)
    charts = "".join(gauge_box(gauge, plays, moment) for gauge in scene.gauges)
    picture = Picture(moment, plays, groups, charts)
    return figure(asked, run, scene, picture, view, number)


def figure(
    asked: Asked,
    run: Recorded,
    scene: Scene,
    picture: Picture,
    view: View,
    number: int,
    *scripts: str,
) -> Markup:
    """A replay, the first, second, ... of its page; the first brings the scripts."""
    loaded = assets(view, *scripts) if number == 1 else ""
    moment, plays = picture.moment, picture.plays
    names = " and ".join(
        f'<a href="{place_of(view, asked.story, name)}">{name}</a>'
        for name in asked.programs
    )
    began = {f"{asked.story}/{name}": at for name, at in scene.began.items()}
    moments = json.dumps(list(zip(plays.times, scene.times, strict=True)))
    attributes = (
        f"data-moments='{moments}' data-speed=\"{plays.speed:g}\""
        f' data-moment="{moment}" data-began="{escape(json.dumps(began))}"'
        f"{' data-plays' if 'plays' in asked.options else ''}"
    )
    lines = max(text.count("\n") + 1 for _, text in scene.headline.values)
    return Markup(
        f'<figure class="replay" data-search-exclude>{loaded}'
        f"<run-replay {attributes}>"
        f'<div class="replay__bar" style="--lines:{lines}">'
        f'<span class="replay__title">Replay of {" and ".join(asked.programs)}</span>'
        f'<span class="replay__clock">{clock(scene.times[moment])}</span>'
        f"{text('p', 'replay__headline', scene.headline, moment)}</div>"
        f'<div class="replay__body"><div class="replay__scene">{picture.groups}'
        f'<div class="replay__time"><div class="replay__charts"'
        f' style="--at:{x(plays, moment) / 1000:g}">{picture.charts}'
        f"{axis(scene, plays)}</div></div></div>"
        f'<section class="replay__steps" tabindex="0"'
        f' aria-label="What happened, step by step ({number})">'
        f"{table(scene, view, asked.story, moment)}</section></div></run-replay>"
        f'<figcaption>Recorded <time datetime="{run["date"]}">'
        f"{day(run['date'])}</time> on "
        f"Kubernetes {run['kubernetes'].removeprefix('v')}, "
        f'<a href="{view.url("how-this-site-is-tested.md#where")}">'
        f"{DRIVERS[run['driver']]}</a>, on a machine of {run['cores']} "
        f"cores and {run['memory_gib']} GiB, while {names} ran. "
        f"{waited(plays)}</figcaption></figure>"
    )


def waited(plays: Played) -> str:
    """What is not as long as it was."""
    if not plays.waits:
        return "All times are those of the run."
    return (
        "The clock shows the seconds of the run. The replay shortens waits of more "
        f"than {WAIT_MS * plays.speed / 1000:g} s."
    )


def clock(milliseconds: int) -> str:
    """A time as the player's clock shows it."""
    return f"{milliseconds / 1000:.2f} s"


def text(tag: str, name: str, track: Track[str], moment: int) -> str:
    """An element whose text changes."""
    return (
        f'<{tag} class="{name}"{data(track)}>{escape(track.at(moment))}</{tag}>'
        if any(value for _, value in track.values)
        else ""
    )


def data(track: Track[str] | Track[Tile]) -> str:
    """The values of a track, for the script."""
    rows = [
        [moment, *([value] if isinstance(value, str) else value)]
        for moment, value in track.values
    ]
    values = json.dumps(rows, separators=(",", ":"))
    return f" data-track='{values.replace('&', '&amp;').replace(chr(39), '&#39;')}'"


def group_box(group: Group, moment: int) -> str:
    """A ReplicaSet or a node, and its Pods."""
    places = "".join(place(track, moment) for track in group.places)
    # As high as it gets, so that nothing below it moves.
    lines = 1 + max(len(about) for _, about in group.about.values) // 60
    return (
        f'<section class="replay__group" style="--lines:{lines}">'
        f"<p><b>{escape(group.title)}</b> "
        f"{text('span', 'replay__about', group.about, moment)}</p>"
        f'<ul aria-label="Pods of {escape(group.title)}">{places}</ul></section>'
    )


def place(track: Track[Tile], moment: int) -> str:
    """Where a Pod is shown, or none."""
    tile = track.at(moment)
    return (
        f'<li class="pod" data-state="{tile.state}"{data(track)}>'
        f'<svg aria-hidden="true"><use href="#replay-{tile.state}"/></svg>'
        f"<b>{escape(tile.name)}</b><span>{escape(tile.word)}</span></li>"
    )


def gauge_box(gauge: Gauge, plays: Played, moment: int) -> str:
    """A number over time as a line, and its value."""

    def y(number: int) -> float:
        # A line at the top or the bottom is not cut in two.
        return round(96 - 92 * number / gauge.top, 1)

    ends = [since for since, _ in gauge.numbers.values[1:]] + [len(plays.times) - 1]
    line, area, up = "", "", False
    for (since, number), until in zip(gauge.numbers.values, ends, strict=True):
        if number is None:
            up = False
            continue
        left, right = x(plays, since), x(plays, until)
        line += f"{'V' if up else f'M{left:g} '}{y(number):g}H{right:g}"
        area += f"M{left:g} 100V{y(number):g}H{right:g}V100z"
        up = True
    bound = ""
    values = Track("")
    for since, number in gauge.numbers.values:
        values.put(since, "not measured" if number is None else f"{number}{gauge.unit}")
    if gauge.bound is not None:
        bound = f'<path class="bound" d="M0 {y(gauge.bound):g}H1000"/>'
    limit = f", {gauge.bound_is} {gauge.bound}{gauge.unit}" if bound else ""
    return (
        f'<p class="replay__gauge">{gauge.title}: '
        f"{text('b', 'replay__number', values, moment)}{limit}</p>"
        '<svg class="replay__chart" viewBox="0 0 1000 100" preserveAspectRatio="none"'
        f' aria-hidden="true"><path class="area" d="{area}"/>{bound}'
        f'<path class="value" d="{line}"/></svg>'
    )


def x(plays: Played, moment: int) -> float:
    """Where a moment is on a line of 1000."""
    return round(1000 * plays.times[moment] / (plays.times[-1] or 1), 1)


def axis(scene: Scene, plays: Played) -> str:
    """Where programs sent something, and where a wait is longer than it looks."""
    sent = "".join(
        f'<i style="left:{x(plays, step.moment) / 10:g}%"></i>'
        for step in scene.steps
        if step.kind == "sent"
    )
    waits = "".join(
        f'<span style="left:{x(plays, moment) / 10:g}%;'
        f'width:{(x(plays, moment + 1) - x(plays, moment)) / 10:g}%">'
        f"{f'{length / 1000:.0f} s' if length >= 1000 else ''}</span>"
        for moment, length in plays.waits
    )
    return f'<div class="replay__axis" aria-hidden="true">{waits}{sent}</div>'


def table(scene: Scene, view: View, story: str, moment: int) -> str:
    """All steps, in their order."""
    done = [number for number, s in enumerate(scene.steps) if s.moment <= moment]
    current = ' aria-current="true"'
    rows = "".join(
        f'<tr data-moment="{step.moment}" class="{step.kind}"'
        f"{current if [number] == done[-1:] else ''}>"
        f"<td>{scene.times[step.moment] / 1000:.2f}</td>"
        f"<td><span>{who(step, view, story)}</span> {escape(step.what)}</td></tr>"
        for number, step in enumerate(scene.steps)
    )
    return (
        '<table class="replay__table"><thead><tr><th scope="col">s</th>'
        '<th scope="col">what happened</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def who(step: Step, view: View, story: str) -> str:
    """Who did it: a program is linked to, by the line that sent the request."""
    if not step.line:
        return escape(step.who)
    place = place_of(view, story, step.who, step.line)
    return f'<a href="{place}">{step.who}:{step.line}</a>'
