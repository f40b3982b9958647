"""What ran: a line in pytest's summary, and build/last-run.json for the site."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from book import digest
from sandbox.errors import UserError

ROOT = Path(__file__).parent.parent
LAST_RUN = ROOT / "build" / "last-run.json"


@dataclass
class StoryTimes:
    """A story's results and the wall-clock seconds from its first test to its last.

    `ran` counts its programs that were not skipped.
    """

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    ran: int = 0
    start: float = float("inf")
    stop: float = 0.0


@dataclass
class DriverRun:
    """What ran on the cluster of one driver, which is a version of Kubernetes there.

    `left` names the objects that the run left on the cluster or took from it.
    """

    kubernetes: str | None = None
    left: list[str] = field(default_factory=list[str])
    programs: Counter[str] = field(default_factory=Counter[str])
    stories: dict[str, StoryTimes] = field(
        default_factory=lambda: defaultdict(StoryTimes)
    )

    def as_json(self, driver: str) -> dict[str, Any]:
        """The run as build/last-run.json has it."""
        start = min(times.start for times in self.stories.values())
        stop = max(times.stop for times in self.stories.values())
        return {
            "kubernetes": self.kubernetes,
            "driver": driver,
            "seconds": round(stop - start, 1),
            "programs": dict(self.programs),
            "stories": {
                name: {
                    "passed": times.passed,
                    "failed": times.failed,
                    "skipped": times.skipped,
                    "ran": times.ran,
                    "seconds": round(times.stop - times.start, 1),
                }
                for name, times in sorted(self.stories.items())
            },
        }


class RunRecord:
    """Counts programs and stories; lives in the controller only."""

    def __init__(self) -> None:
        self._runs: dict[str, DriverRun] = defaultdict(DriverRun)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        properties = dict(report.user_properties)
        if "story" not in properties:
            return
        decided = report.when == "call" or report.outcome != "passed"
        run = self._runs[str(properties["driver"])]
        times = run.stories[str(properties["story"])]
        times.start = min(times.start, report.start)
        times.stop = max(times.stop, report.stop)
        if "program" in properties and decided:
            run.programs[report.outcome] += 1
            times.ran += report.outcome != "skipped"
        if decided:
            setattr(times, report.outcome, getattr(times, report.outcome) + 1)

    @property
    def finished(self) -> set[str]:
        """The drivers on which a cluster was up."""
        return {name for name, run in self._runs.items() if run.kubernetes}

    def finish(self, driver: str, kubernetes: str, left: list[str]) -> None:
        """Take what only the end of the run on a driver's cluster knows."""
        self._runs[driver].kubernetes = kubernetes
        self._runs[driver].left = left

    def write(self) -> None:
        """Write build/last-run.json, if a story ran."""
        try:
            stories = digest.stories(ROOT)
            digests = {story.name: digest.of_story(story) for story in stories}
        except UserError:
            digests: dict[str, str] = {}  # a test has said so
        runs = [
            run.as_json(driver)
            for driver, run in self._runs.items()
            if driver in self.finished and run.stories
        ]
        for run in runs:
            for name in digests.keys() & run["stories"].keys():
                run["stories"][name]["digest"] = digests[name]
        if runs:
            record = {"date": datetime.now(UTC).date().isoformat(), "runs": runs}
            LAST_RUN.parent.mkdir(exist_ok=True)
            LAST_RUN.write_text(json.dumps(record, indent=2) + "\n")

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        for driver in self.finished:
            if left := self._runs[driver].left:
                terminalreporter.section("the cluster is not as it was", red=True)
                for line in left:
                    terminalreporter.line(f"{driver}: {line}")
        if self.finished:
            terminalreporter.section("examples")
        for driver in sorted(self.finished):
            run = self._runs[driver]
            terminalreporter.line(
                f"{run.programs['passed']} of {run.programs.total()} programs ran and "
                f"print what they say, {run.programs['skipped']} skipped, on "
                f"Kubernetes {run.kubernetes}, driver {driver}"
            )
        if self.finished and "kind" not in self.finished:
            terminalreporter.line('not run on kind: SANDBOX="kwok kind" takes both')
