"""What ran: a line in pytest's summary, and build/last-run.json for the site."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
LAST_RUN = ROOT / "build" / "last-run.json"


@dataclass
class StoryTimes:
    """A story's results and the wall-clock seconds from its first test to its last."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    start: float = float("inf")
    stop: float = 0.0


class RunRecord:
    """Counts programs, fences and stories; lives in the controller only."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._programs = Counter[str]()
        self._fences = Counter[str]()
        self._stories: dict[str, StoryTimes] = defaultdict(StoryTimes)
        self._left: list[str] = []
        self._where: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        properties = dict(report.user_properties)
        decided = report.when == "call" or report.outcome != "passed"
        if decided:
            self._fences[report.outcome] += int(str(properties.get("fences", 0)))
        if "story" not in properties:
            return
        times = self._stories[str(properties["story"])]
        times.start = min(times.start, report.start)
        times.stop = max(times.stop, report.stop)
        if "program" in properties and decided:
            self._programs[report.outcome] += 1
        if decided:
            setattr(times, report.outcome, getattr(times, report.outcome) + 1)

    def finish(self, driver: str, kubernetes: str, left: list[str]) -> None:
        """Take what the end of the run knows, and write build/last-run.json.

        `left` names the objects that the run left on the cluster or took from it.
        """
        self._where = f"on Kubernetes {kubernetes}, driver {driver}"
        self._left = left
        if not self._stories:
            return
        stop = max(t.stop for t in self._stories.values())
        start = min(t.start for t in self._stories.values())
        record: dict[str, Any] = {
            "kubernetes": kubernetes,
            "driver": driver,
            "date": datetime.now(UTC).date().isoformat(),
            "seconds": round(stop - start, 1),
            "programs": dict(self._programs),
            "stories": {
                name: {
                    "passed": times.passed,
                    "failed": times.failed,
                    "skipped": times.skipped,
                    "seconds": round(times.stop - times.start, 1),
                }
                for name, times in sorted(self._stories.items())
            },
        }
        LAST_RUN.parent.mkdir(exist_ok=True)
        LAST_RUN.write_text(json.dumps(record, indent=2) + "\n")

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        if self._where is None:
            return
        if self._left:
            terminalreporter.section("the cluster is not as it was", red=True)
            for line in self._left:
                terminalreporter.line(line)
        terminalreporter.section("examples")
        terminalreporter.line(
            f"{self._programs['passed']} of {self._programs.total()} programs and "
            f"{self._fences['passed']} of {self._fences.total()} fences ran and print "
            f"what they say, {self._programs['skipped']} skipped, {self._where}"
        )
