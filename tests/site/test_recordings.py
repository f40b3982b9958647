"""What pages show as recorded comes from the programs that they show."""

import json

import pytest

from tests.bench.record import STORIES, program_hash, recording


@pytest.mark.parametrize("story", sorted(STORIES))
def test_recording_is_of_the_programs_on_the_page(story: str) -> None:
    recorded = json.loads(recording(story).read_text())
    assert recorded["program"] == program_hash(story), (
        f"examples/{story} has changed since the run whose figures the page has: "
        f"python -m tests.bench.record {story}"
    )
    assert recorded["driver"] == STORIES[story].driver
