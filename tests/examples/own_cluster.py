"""A cluster for the one story that stops components, which others could not share."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox import inventory, lifecycle
from sandbox.cluster import Cluster
from sandbox.errors import UserError
from sandbox.story import Story
from tests import at_rest

NOTES = "own clusters"
"""The folder, in that of the run, with a note on each: its driver and its version. By
it the run knows where its programs ran, and what is to be removed if a worker died."""


def is_wanted(story: Story, driver: str) -> bool:
    """Whether the story stops something. Only on kwok it can."""
    return driver == "kwok" and any(program.stopped for program in story.programs)


@dataclass(frozen=True)
class OwnCluster:
    """The cluster, and what it held when it was new."""

    cluster: Cluster
    before: set[inventory.Object]

    def difference(self) -> list[str]:
        """What the story left behind or took away in the whole of it."""
        return at_rest.difference(self.cluster, self.before)


class OwnClusters:
    """Those of one worker: made when first asked for, and removed when released."""

    def __init__(self, run_directory: Path, kubernetes: str | None) -> None:
        self._notes = run_directory / NOTES
        self._kubernetes = kubernetes
        self._made: dict[str, OwnCluster] = {}

    def of(self, story: Story) -> OwnCluster:
        """The story's own cluster."""
        if story.name not in self._made:
            self._made[story.name] = self._make(story.name)
        return self._made[story.name]

    def release(self, story: Story) -> None:
        """Removes the story's own cluster, if there is one."""
        if own := self._made.pop(story.name, None):
            lifecycle.down(own.cluster.name)

    def release_all(self) -> None:
        """Removes all that are left."""
        while self._made:
            lifecycle.down(self._made.popitem()[1].cluster.name)

    def _make(self, story: str) -> OwnCluster:
        name = f"test-{os.getpid()}-{len(list(self._notes.glob('*')))}-own"
        try:
            cluster = lifecycle.up(name, driver="kwok", kubernetes=self._kubernetes)
            self._notes.mkdir(exist_ok=True)
            note = {"driver": cluster.driver, "kubernetes": cluster.kubernetes}
            (self._notes / name).write_text(json.dumps(note))
            return OwnCluster(cluster, at_rest.objects(cluster))
        except UserError as error:
            pytest.fail(f"no cluster for {story} alone: {error}", pytrace=False)


def noted(run_directory: Path) -> dict[str, dict[str, str]]:
    """The note on each own cluster that any worker made, by its name."""
    notes = sorted((run_directory / NOTES).glob("*"))
    return {note.name: json.loads(note.read_text()) for note in notes}
