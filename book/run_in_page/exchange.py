"""What a page has of a program's recorded run: its requests, and what kubectl showed.

A program of which all requests are recorded has a file of the site with them,
assets/runs/STORY/NAME.json, of which requests.js makes a list on the page. Most of
these programs can be played their answers; the others are listed only.
"""

import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from book.run_in_page import recording
from book.site import Site, View

SERVED = "assets/runs"

# What a served file has of its recording, and of its program in it.
OF_RECORDING = ("kubernetes", "driver", "date")
OF_PROGRAM = ("start", "seconds", "why_not", "exchanges")

# `kubectl get` ends each line with the object's age.
AGE = re.compile(r" +\S+$", re.MULTILINE)


def files(site: Site, offline: bool) -> Iterator[tuple[str, str]]:
    """The files that are served, by their paths in the site: JSON texts.

    Args:
        site: the site.
        offline: whether it is read from files, of which a page can fetch scripts only:
            then there is one for each text.
    """
    for story in site.exchanges:
        path = recording.file_of(site.root, story).resolve()
        for name, text in _texts(path, path.stat().st_mtime_ns):
            yield _served(story, name), text
            if offline:
                script = f"document.currentScript.run = {text}"
                yield f"{_served(story, name)}.js", script


# Once for all builds of `mkdocs serve`.
@cache
def _texts(path: Path, written: int) -> list[tuple[str, str]]:
    """What is served of a recording, by the programs' names."""
    kept = recording.load(path, written)
    known = {key: kept[key] for key in OF_RECORDING}
    return [
        (
            name,
            json.dumps(known | {key: p[key] for key in OF_PROGRAM}, ensure_ascii=False),
        )
        for name, p in kept["programs"].items()
        if _listed(p)
    ]


def _listed(program: Any) -> bool:
    return program["why_not"] is None or bool(program.get("exchanges"))


def _served(story: str, name: str) -> str:
    return f"{SERVED}/{story}/{name.removesuffix('.py')}.json"


def of_program(view: View, path: str) -> dict[str, Any]:
    """What a page shows of a program's recorded run, for the template "program".

    Args:
        view: the page.
        path: the program's path below examples/.

    Returns:
        `why_not`, why the run can't be played, if it can't; `head_says_why`, whether
        the program's head says it: what it needs, and the recording's driver has not;
        `file`, the served file as a link from this page, `url`, its address, and
        `requests` and `unanswered`, the number of all and of those without an answer,
        or `unlisted`, why there are none; `command` and `objects`, what kubectl was
        asked then and what it showed, if there is something new.
    """
    story, name = path.split("/")
    kept = view.site.exchanges.get(story)
    found: dict[str, Any] = {"file": None, "unlisted": None, "command": None}
    if kept is None:
        return found | {"why_not": "no run of it is recorded", "head_says_why": False}
    program = kept["programs"][name]
    found |= {
        "kubernetes": kept["kubernetes"].removeprefix("v"),
        "day": date.fromisoformat(kept["date"]),
        "why_not": program["why_not"],
        "head_says_why": "start" not in program,
        "unlisted": program.get("unlisted"),
    }
    if _listed(program):
        served = _served(story, name)
        found |= {
            "file": view.link(served),
            "url": view.url(served),
            "requests": len(program["exchanges"]),
            "unanswered": sum(not each["status"] for each in program["exchanges"]),
        }
    if shown := _new_objects(view, kept, story, name):
        found |= {"command": shown[0], "objects": shown[1]}
    return found


def _new_objects(
    view: View, kept: Any, story: str, name: str
) -> tuple[str, str] | None:
    """What kubectl showed after a program, where it isn't what it showed before.

    Compared is the program before it on the page. Ages differ, and don't count.
    """
    before = None
    for each, program in sorted(kept["programs"].items()):
        if view.page not in view.site.shown.get(f"{story}/{each}", []):
            continue
        shown = program.get("kubectl")
        if each == name:
            return shown if shown and _ageless(shown) != _ageless(before) else None
        before = shown or before
    return None


def _ageless(shown: tuple[str, str] | None) -> Any:
    return shown and (shown[0], AGE.sub("", shown[1]))
