"""The recorded run at scale is one of the program that the page shows."""

import json

from tests.bench.record_scale import RECORD, program_hash


def test_recording_is_of_the_program_on_the_page() -> None:
    recorded = json.loads(RECORD.read_text())["program"]
    assert recorded == program_hash(), (
        "examples/scale/01_roll_out.py has changed since the run that the page plots: "
        "python -m tests.bench.record_scale"
    )
