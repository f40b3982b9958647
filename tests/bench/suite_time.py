"""How long do the stories take, and how much longer does the whole suite take?"""

import json
from pathlib import Path
from typing import Any

from tests.bench.row import Row


def rows(last_run: Path) -> list[Row]:
    """Read the times of the last `make test` from the record that it left."""
    if not last_run.exists():
        return [Row("stories", "", "not run yet", "run `make test` first")]
    record: dict[str, Any] = json.loads(last_run.read_text())
    return [row for run in record["runs"] for row in _rows(run, record["date"])]


def _rows(run: dict[str, Any], day: str) -> list[Row]:
    stories: dict[str, dict[str, Any]] = run["stories"]
    seconds = {name: float(story["seconds"]) for name, story in stories.items()}
    ran_on = f"{run['driver']}, Kubernetes {run['kubernetes']}, {day}"
    longest = max(seconds.values())
    return [
        *(
            Row(f"story {name}", "", f"{s:.0f} s", ran_on)
            for name, s in seconds.items()
        ),
        Row(
            f"all stories together on {run['driver']}",
            f"<= {1.3 * longest:.0f} s",
            f"{run['seconds']:.0f} s",
            f"{run['seconds'] / longest:.2f} x the longest story; target 1.3 x",
        ),
    ]
