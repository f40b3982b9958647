"""Recorded runs: what programs asked of the API server, and what it answered.

The suite writes them with --record, a file for each story. One whose programs or rights
have changed since is no recording of them: the suite is red then, and no page has it.
"""

import json
import lzma
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from book import digest
from sandbox.errors import UserError
from sandbox.story import Story

FOLDER = "recordings/stories"


def file_of(root: Path, story: str) -> Path:
    """Where the recording of a story is."""
    return root / FOLDER / f"{story}.json.xz"


def write(root: Path, story: Story, content: dict[str, Any]) -> None:
    """Write the recording of a story, with the sum by which it is known to be its own.

    Args:
        root: the folder of mkdocs.yml.
        story: the story that ran.
        content: what there is to keep of its run.
    """
    path = file_of(root, story.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content | {"story": digest.of_story(story)}, ensure_ascii=False)
    path.write_bytes(lzma.compress(text.encode(), preset=9))


def read(root: Path, story: str) -> Any:
    """Read the recording of a story. Raises UserError where there is none."""
    path = file_of(root, story)
    try:
        return load(path.resolve(), path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise UserError(f"there is no {FOLDER}/{path.name}: {anew(story)}") from None
    except (EOFError, lzma.LZMAError, ValueError) as error:
        raise UserError(f"{path}: not a recording ({error}): {anew(story)}") from None


@cache
def load(path: Path, written: int) -> Any:
    """Read a recording, by its file and the time at which that was written.

    Many parts of many pages read the same one.
    """
    return json.loads(lzma.decompress(path.read_bytes()))


def anew(story: str) -> str:
    """Return what to do to have a recording of a story."""
    chosen = f"tests/examples -k [{story} --record"
    return f"run `make test SANDBOX=kwok PYTEST_ARGS='{chosen}'`"


def fault(root: Path, story: Story) -> str | None:
    """Why a story is to be recorded, with the command that does it; or None.

    Raises UserError where its recording can't be read.
    """
    path = file_of(root, story.name)
    if not path.is_file():
        return f"there is no {FOLDER}/{path.name}: {anew(story.name)}"
    if _current(root, story) is None:
        return (
            f"examples/{story.name} has changed since it was recorded:"
            f" {anew(story.name)}"
        )
    return None


def of_stories(root: Path, stories: Iterable[Story]) -> dict[str, Any]:
    """The recordings of these stories as they are now, by their names.

    Raises UserError where one can't be read.
    """
    found = {story.name: _current(root, story) for story in stories}
    return {name: content for name, content in found.items() if content}


def _current(root: Path, story: Story) -> Any:
    """The recording of a story as it is now, or None."""
    if not file_of(root, story.name).is_file():
        return None
    content = read(root, story.name)
    return content if content["story"] == digest.of_story(story) else None
