"""When programs last ran, and on what: the stamps of pages.

tests/run_record.py writes build/last-run.json. A copy in recordings/ is for clones that
have run nothing. Where both lack a story, or it has changed since, the stamp says so:
nothing is made up. every_page.py puts the stamp on the page of a story, and blocks.py
that of all stories where a page asks for it.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict

from mkdocs.exceptions import PluginError

from book.systems import Seen

DRIVERS = {
    "kwok": "simulated nodes (kwok)",
    "kind": "real containers (kind)",
    "current": "a cluster named by hand",
}


class StoryRun(TypedDict):
    """How many checks of a story came out how: its programs, rights and clean-up.

    `ran` is how many of its programs were not skipped, `digest` what digest.py said of
    them.
    """

    passed: int
    failed: int
    skipped: int
    ran: int
    seconds: float
    digest: NotRequired[str]


class DriverRun(TypedDict):
    """What ran on the cluster of one driver."""

    kubernetes: str
    driver: str
    stories: dict[str, StoryRun]


@dataclass(frozen=True)
class Record:
    """A run of the suite, as it wrote it down.

    Its runs are without the stories that have `changed` since.
    """

    day: date
    runs: list[DriverRun]
    changed: frozenset[str]

    @classmethod
    def read(cls, path: Path, digests: dict[str, str]) -> "Record | None":
        """Read a record, or return None where there is none.

        Raises PluginError where the file is there but cannot be read.
        """
        try:
            record = json.loads(path.read_text())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise PluginError(f"{path}: not the JSON of a run: {error}") from None
        runs: list[DriverRun] = record.get("runs", [])
        stories = [story for run in runs for story in run["stories"].values()]
        if "runs" not in record or any("ran" not in story for story in stories):
            raise PluginError(
                f"{path}: written by an older version: delete it, or run again"
            )
        changed = {
            name
            for run in runs
            for name, story in run["stories"].items()
            if story.get("digest", digests.get(name)) != digests.get(name)
        }
        for name in changed:
            for run in runs:
                run["stories"].pop(name, None)
        return cls(date.fromisoformat(record["date"]), runs, frozenset(changed))


class Stamp(NamedTuple):
    """What is said of a run: `before` the day, and `after` it.

    `state` is "passed", "failed" or "unknown"; `run` is the address of a log.
    """

    state: str
    before: str
    day: date | None = None
    after: str = ""
    run: str = ""


def of_programs(records: list[Record], programs: dict[str, int], place: str) -> Stamp:
    """What the last run that says something says about some stories.

    Args:
        records: runs, the last one first.
        programs: the number of programs of each story.
        place: what is stamped, "page" or "site".
    """
    stamps = [_of_programs(record, programs, place) for record in records]
    nothing = f"This build has not run the programs of this {place}."
    return _first_known([*stamps, Stamp("unknown", nothing)])


def _first_known(stamps: list[Stamp]) -> Stamp:
    """The first that knows something, or else the first."""
    return next((stamp for stamp in stamps if stamp.state != "unknown"), stamps[0])


def _of_programs(record: Record, programs: dict[str, int], place: str) -> Stamp:
    if record.changed & programs.keys():
        return Stamp(
            "unknown", f"Programs of this {place} have changed since they ran."
        )
    runs = [run for run in record.runs if run["stories"].keys() & programs]
    if not runs:
        return Stamp("unknown", f"This build has not run the programs of this {place}.")
    whole = [run for run in runs if is_whole(run, programs)]
    if not whole:
        return Stamp("unknown", f"The last run took only a part of this {place}.")
    # What is checked besides says nothing of programs that this driver can't run.
    whole = [run for run in whole if any(run["stories"][n]["ran"] for n in programs)]
    if not whole:
        drivers = " and ".join(DRIVERS[run["driver"]] for run in runs)
        return Stamp("unknown", f"The last run, on {drivers}, skipped this {place}.")
    return _stamp(record, whole, programs)


def of_driver(records: list[Record], programs: dict[str, int], driver: str) -> Stamp:
    """The same about some stories on one driver."""
    runs = [(r, run) for r in records for run in r.runs if run["driver"] == driver]
    part = f"The last run on {driver} took only a part of the examples."
    stamps = [
        _stamp(record, [run], programs)
        if is_whole(run, programs)
        else Stamp("unknown", part)
        for record, run in runs
    ]
    nothing = f"This build has not run the examples on {driver}."
    return _first_known([*stamps, Stamp("unknown", nothing)])


def seen_on(title: str, seen: Seen) -> Stamp:
    """What a workflow has seen on a system of this title."""
    after = f", Kubernetes {seen.kubernetes}: {_counts(seen.passed, seen.failed)}"
    return Stamp(
        "failed" if seen.failed else "passed",
        f"Run on {title}",
        date.fromisoformat(seen.date),
        after,
        seen.run,
    )


def is_whole(run: DriverRun, programs: dict[str, int]) -> bool:
    """Whether it took all of these stories, and all checks of each.

    Each program is a check, and there are more. Fewer: somebody ran a selection.
    """
    stories = [(run["stories"].get(name), number) for name, number in programs.items()]
    return all(
        story and story["passed"] + story["failed"] + story["skipped"] > number
        for story, number in stories
    )


def _stamp(record: Record, runs: list[DriverRun], programs: dict[str, int]) -> Stamp:
    stories = [run["stories"][name] for run in runs for name in programs]
    results = "; ".join(
        _result(run, [run["stories"][name] for name in programs]) for run in runs
    )
    state = "failed" if any(story["failed"] for story in stories) else "passed"
    return Stamp(state, "Last run", record.day, f" {results}")


def _result(run: DriverRun, stories: list[StoryRun]) -> str:
    """Where these stories ran, and how their checks came out."""
    passed, failed, skipped = (
        sum(story[outcome] for story in stories)
        for outcome in ("passed", "failed", "skipped")
    )
    left_out = f", {skipped} skipped" if skipped else ""
    return (
        f"on Kubernetes {run['kubernetes']}, {DRIVERS[run['driver']]}: "
        f"{_counts(passed, failed)}{left_out}"
    )


def _counts(passed: int, failed: int) -> str:
    if failed:
        return f"{failed} of {passed + failed} checks failed"
    return f"all {passed} checks passed"
