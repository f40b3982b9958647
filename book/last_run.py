"""When programs last ran, and on what: the stamps of pages.

tests/run_record.py writes build/last-run.json. A copy in recordings/ is for clones that
have run nothing. Where both lack a story, or it has changed since, the stamp says so:
nothing is made up. every_page.py puts the stamp on the page of a story, and blocks.py
that of all stories where a page asks for it.
"""

import json
from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict

from book.systems import Seen
from sandbox.errors import UserError

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


class Record(NamedTuple):
    """A run of the suite, as it wrote it down.

    Its runs are without the stories that have `changed` since.
    """

    day: str
    runs: list[DriverRun]
    changed: set[str]

    @classmethod
    def read(cls, path: Path, digests: dict[str, str]) -> "Record | None":
        """Read a record, or return None where there is none.

        Raises UserError where the file is there but cannot be read.
        """
        try:
            record = json.loads(path.read_text())
            runs: list[DriverRun] = record["runs"]
            day: str = record["date"]
        except FileNotFoundError:
            return None
        except (ValueError, KeyError) as error:
            raise UserError(
                f"{path}: not the JSON of a run ({error!r}): delete it, or run again"
            ) from None
        changed = {
            name
            for run in runs
            for name, story in run["stories"].items()
            if story.get("digest", digests.get(name)) != digests.get(name)
        }
        for run in runs:
            for name in changed & run["stories"].keys():
                del run["stories"][name]
        return cls(day, runs, changed)


class Stamp(NamedTuple):
    """What is said of a run: `before` the day, and `after` it.

    `state` is "passed", "failed" or "unknown"; `run` is the address of a log.
    """

    state: str
    before: str
    day: str = ""
    after: str = ""
    run: str = ""


def of_programs(
    records: list[Record], programs: dict[str, int], name: str, driver: str = ""
) -> Stamp:
    """Say what the last run that knows something says about some stories.

    Args:
        records: runs, the last one first.
        programs: the number of programs of each story.
        name: what these are together, such as "this page".
        driver: the one whose runs count; where there is none, all do.
    """
    nothing = Stamp("unknown", f"No run of {name} is on record.")
    stamps = [_stamp(record, programs, name, driver) for record in records]
    known = (stamp for stamp in stamps if stamp.state != "unknown")
    return next(known, stamps[0] if stamps else nothing)


def _stamp(record: Record, programs: dict[str, int], name: str, driver: str) -> Stamp:
    if record.changed & programs.keys():
        return Stamp("unknown", f"Programs of {name} have changed since they ran.")
    runs = [
        run
        for run in record.runs
        if run["driver"] == driver or not driver
        if run["stories"].keys() & programs
    ]
    if not runs:
        return Stamp("unknown", f"No run of {name} is on record.")
    whole = [run for run in runs if _is_whole(run, programs)]
    if not whole:
        return Stamp("unknown", f"The last run covered only a part of {name}.")
    # What is checked besides says nothing of programs that this driver can't run.
    whole = [run for run in whole if any(run["stories"][n]["ran"] for n in programs)]
    if not whole:
        drivers = " and ".join(DRIVERS[run["driver"]] for run in runs)
        return Stamp("unknown", f"The last run, on {drivers}, skipped {name}.")
    results: list[str] = []
    for run in whole:
        stories = [run["stories"][each] for each in programs]
        outcomes = ("passed", "failed", "skipped")
        counts = _counts(*(sum(s[outcome] for s in stories) for outcome in outcomes))
        place = f"on Kubernetes {run['kubernetes']}, {DRIVERS[run['driver']]}"
        results.append(f"{place}: {counts}")
    failed = any(run["stories"][each]["failed"] for run in whole for each in programs)
    state = "failed" if failed else "passed"
    return Stamp(state, "Last run", record.day, f" {'; '.join(results)}")


def seen_on(title: str, seen: Seen) -> Stamp:
    """Say what a workflow has seen on a system of this title."""
    counts = _counts(seen.passed, seen.failed)
    after = f", Kubernetes {seen.kubernetes}: {counts}"
    state = "failed" if seen.failed else "passed"
    return Stamp(state, f"Run on {title}", seen.date, after, seen.run)


def _is_whole(run: DriverRun, programs: dict[str, int]) -> bool:
    """Whether a run took all of these stories, and all checks of each.

    Each program is a check, and there are more. Fewer: somebody ran a selection.
    """
    stories = [(run["stories"].get(name), number) for name, number in programs.items()]
    return all(
        story and story["passed"] + story["failed"] + story["skipped"] > number
        for story, number in stories
    )


def _counts(passed: int, failed: int, skipped: int = 0) -> str:
    left_out = f", {skipped} skipped" if skipped else ""
    if failed:
        return f"{failed} of {passed + failed} checks failed{left_out}"
    return f"all {passed} checks passed{left_out}"
