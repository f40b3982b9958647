"""Which nodes got a ready Pod, and which lost one, every two seconds of a rollout?

A run at scale has tens of thousands of changes. This is what is left of them for its
replay, from what a watch saw.
"""

from pathlib import Path
from typing import Any

from tests.examples.watcher import Change, Fields

EVERY_MS = 2000

KINDS = ["Deployment", "Pod", "ReplicaSet"]


def recorded(changes: list[Change], program: Path) -> dict[str, Any]:
    """What a recording has of a rollout: `sets`, `requests` and `frames`.

    `sets` are the names and images of the two ReplicaSets, the old one first. A frame
    is [ms, nodes that got a ready Pod of the old set, nodes that lost one, the same two
    of the new set, and how many Pods of each are there that are not ready yet]. Nodes
    are the numbers at the end of their names. The ms are after the Deployment's first
    sight, and `requests` are those that made it and gave it its new template.
    """
    zero = next(c.at for c in changes if c.kind == "Deployment")
    sets: dict[str, str] = {}
    asked = [0]
    counted: dict[str, tuple[int, int]] = {}
    """Of each Pod that is to be counted: its set, and its node, or -1 until ready."""
    frames: list[list[Any]] = []
    moved: list[list[int]] = [[], [], [], []]

    def frame(at: int) -> None:
        waiting = [sum(c == (n, -1) for c in counted.values()) for n in (0, 1)]
        frames.append([at, *map(sorted, moved), *waiting])
        for each in moved:
            each.clear()

    pods: dict[str, Fields] = {}
    for change in changes:
        at = round((change.at - zero) * 1000)
        while at >= EVERY_MS * len(frames):
            frame(EVERY_MS * len(frames))
        if change.kind == "ReplicaSet" and change.name not in sets and change.fields:
            sets[change.name] = change.fields["image"]
            if len(sets) == 2:
                asked.append(at)
        if change.kind != "Pod":
            continue
        was = counted.pop(change.name, None)
        if change.fields is None:
            pods.pop(change.name, None)
        else:
            pods[change.name] = change.fields
        now = pods.get(change.name)
        if now is not None and not now["going"]:
            number = list(sets).index(now["owner"])
            node = int(now["node"].rpartition("-")[2]) if now["ready"] else -1
            counted[change.name] = number, node
        if was != counted.get(change.name):
            for which, place in ((was, 1), (counted.get(change.name), 0)):
                if which is not None and which[1] >= 0:
                    moved[2 * which[0] + place].append(which[1])
    frame(EVERY_MS * len(frames))
    lines = program.read_text().splitlines()
    calls = ["create_namespaced_deployment", "patch_namespaced_deployment"]
    line_numbers = [
        next(n for n, line in enumerate(lines, start=1) if f".{call}(" in line)
        for call in calls
    ]
    return {
        "sets": list(sets.items()),
        "requests": [
            [at, program.name, line, call.partition("_")[0], "deployments.apps", "web"]
            for at, line, call in zip(asked, line_numbers, calls, strict=True)
        ],
        "frames": frames,
    }
