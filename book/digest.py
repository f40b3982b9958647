"""Is a story still the one that ran? Known by a sum of its programs and its rights."""

import json
from hashlib import sha256
from pathlib import Path

from sandbox.story import Story, load, source


def stories(root: Path) -> list[Story]:
    """Read each story and each notebook of a tree.

    Raises UserError where one can't be read.
    """
    folders = [path.parent for path in sorted(root.glob("examples/*/setup.yaml"))]
    return [load(p) for p in [*folders, *sorted(root.glob("docs/notebooks/*.ipynb"))]]


def of_story(story: Story) -> str:
    """Return the sum of a story. Raises UserError as `stories` does."""
    texts = [source(program.path) for program in story.programs]
    setup = json.dumps(story.setup, sort_keys=True)
    return sha256("\0".join([*texts, setup]).encode()).hexdigest()[:16]
