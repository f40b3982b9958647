"""Is a story still the one that ran? Known by a sum of its programs and its rights."""

import json
from hashlib import sha256
from pathlib import Path

from sandbox.story import Story, load, source


def of_stories(root: Path) -> dict[str, str]:
    """The sum of each story and each notebook of a tree, by its name.

    Raises UserError where one can't be read.
    """
    places = [
        *(path.parent for path in sorted(root.glob("examples/*/setup.yaml"))),
        *sorted(root.glob("docs/notebooks/*.ipynb")),
    ]
    return {story.name: _of(story) for story in map(load, places)}


def _of(story: Story) -> str:
    texts = [source(program.path) for program in story.programs]
    setup = json.dumps(story.setup, sort_keys=True)
    return sha256("\0".join([*texts, setup]).encode()).hexdigest()[:16]
