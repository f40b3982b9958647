"""A story as it is read from its folder."""

from pathlib import Path

from sandbox import story

FOLDER = Path(__file__).parents[2] / "examples" / "runtimes"


def test_what_a_caller_changes_is_not_read_again() -> None:
    changed = story.load(FOLDER)
    changed.setup[0]["metadata"]["name"] = "another"
    metadata = story.script_metadata(changed.programs[0].path)
    metadata["dependencies"].append("requests")
    assert story.load(FOLDER).namespace == "overview-runtimes"
    assert story.script_metadata(changed.programs[0].path) != metadata
