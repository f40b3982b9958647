"""recordings/journey-DRIVER.json is what happened in a run, and would happen again.

`make test SANDBOX=kind PYTEST_ARGS='-k journey --record'` writes that of kind. The
story's programs run first, since pytest takes test_stories.py before this file.
"""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests import machine
from tests.examples.place import definitions
from tests.examples.story_run import StoryRun

ROOT = Path(__file__).parent.parent.parent
STORY = ROOT / "examples" / "journey"


def hash_of_the_programs() -> str:
    """Changes with any file of the story."""
    files = sorted([*STORY.glob("*.py"), *STORY.glob("*.yaml")])
    return hashlib.sha256(b"\0".join(f.read_bytes() for f in files)).hexdigest()


def trail_of(run: StoryRun) -> list[dict[str, Any]]:
    """The trail of the story's run, read as its own program reads it."""
    read_trail = definitions("03_trail", "journey")["read_trail"]
    requests = read_trail(run.cluster.audit_log, run.story.namespace)
    # What the program itself reads while it waits is no part of the journey. Neither is
    # what the suite asks kubectl for when it records.
    assert run.log is not None
    requests = [
        request
        for request in requests
        if request["user"] != run.log.username
        and not request["agent"].startswith("kubectl/")
    ]
    start = requests[0]["received"]

    def milliseconds(moment: datetime) -> float:
        return round((moment - start).total_seconds() * 1000, 1)

    return [
        request | {key: milliseconds(request[key]) for key in ("received", "answered")}
        for request in requests
    ]


def order(trail: list[dict[str, Any]]) -> list[tuple[int, str, str]]:
    """Who did what first in each step, in this order."""
    steps = ((r["step"], r["who"], r["did"]) for r in trail if r["step"])
    return list(dict.fromkeys(steps))


def recording_on(driver: str) -> Path:
    return ROOT / "recordings" / f"journey-{driver}.json"


@pytest.mark.parametrize("recorded_on", ["kwok", "kind"])
def test_recording_is_of_these_programs(recorded_on: str) -> None:
    recorded = json.loads(recording_on(recorded_on).read_text())
    assert recorded["driver"] == recorded_on
    assert recorded["programs"] == hash_of_the_programs(), (
        "the programs have changed since: "
        f"run `make test SANDBOX={recorded_on} PYTEST_ARGS='-k journey --record'`"
    )


@pytest.mark.story("journey")
def test_another_run_has_the_same_order(
    story_run: StoryRun, pytestconfig: pytest.Config
) -> None:
    if story_run.log is None:
        pytest.skip(f"the driver {story_run.cluster.driver} has no audit log")
    if not story_run.log.asked():
        pytest.skip("its programs were not selected to run")
    trail = trail_of(story_run)
    driver = story_run.cluster.driver
    path = recording_on(driver)
    if pytestconfig.getoption("record"):
        path.parent.mkdir(exist_ok=True)
        recording = {
            "kubernetes": story_run.cluster.kubernetes,
            "driver": driver,
            "date": datetime.now(UTC).date().isoformat(),
            **machine.described(),
            "programs": hash_of_the_programs(),
            "trail": trail,
        }
        path.write_text(json.dumps(recording, indent=1) + "\n")
    elif not path.exists():
        pytest.skip(f"there is no recording of a run on {driver}")
    assert order(trail) == order(json.loads(path.read_text())["trail"])
