"""recordings/replay-STORY.json: which stories have one, and what stands in it.

A story has one when a page has a block such as `/// replay | rollouts/04_undo.py`.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.cluster import Cluster
from tests import machine
from tests.examples.audit_log import Asked
from tests.examples.watcher import Change, Fields, Watcher

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples"
MARKER = re.compile(r"^/// replay \| ([\w-]+)/", re.MULTILINE)

# Each Pod's state is written by KWOK there, so a recording is soon made, and anywhere.
DRIVER = "kwok"

STORIES = sorted(
    {
        story
        for page in (ROOT / "docs").rglob("*.md")
        for story in MARKER.findall(page.read_text())
    }
)


def recording_of(story: str) -> Path:
    """Where the recording of a story is."""
    return ROOT / "recordings" / f"replay-{story}.json"


def hash_of_the_programs(folder: Path) -> str:
    """Changes with any program of the story in this folder, and with its set-up."""
    files = sorted([*folder.glob("*.py"), folder / "setup.yaml"])
    return hashlib.sha256(b"\0".join(f.read_bytes() for f in files)).hexdigest()


def fault(folder: Path) -> str | None:
    """Why the story in this folder is to be recorded, with the command; or None."""
    story = folder.name
    anew = f"run `make test SANDBOX={DRIVER} PYTEST_ARGS='-k {story} --record'`"
    path = recording_of(story)
    if not path.exists():
        return f"there is no {path.name}: {anew}"
    if json.loads(path.read_text())["programs"] != hash_of_the_programs(folder):
        return f"examples/{story} has changed since it was recorded: {anew}"
    return None


def write(
    story: str, cluster: Cluster, watcher: Watcher, asked: Iterable[Asked]
) -> None:
    """Write down what was seen of a story from its first program on.

    `asked` has each request of the watcher's, as the audit log has it.

    A row a line. Times are milliseconds after that program's start. Of an object that
    changed, a row has what is not as it was before.
    """
    zero = watcher.ran[0].start
    logged = {each.audit_id: each for each in asked}

    def since(moment: float) -> int:
        return max(0, round((moment - zero) * 1000))

    rows: dict[str, list[list[Any]]] = {
        "ran": [[r.program, since(r.start), since(r.end)] for r in watcher.ran],
        "requests": [
            [
                since(r.at),
                r.program,
                r.line,
                logged[r.audit_id].rights[0].verb,
                logged[r.audit_id].rights[0].kind,
                logged[r.audit_id].rights[0].name,
                logged[r.audit_id].status,
            ]
            for r in watcher.requests
        ],
        "changes": [
            [since(change.at), change.kind, change.name, fields]
            for change, fields in _differences(watcher.in_order())
        ],
    }
    head = {
        "kubernetes": cluster.kubernetes,
        "driver": cluster.driver,
        "date": datetime.now(UTC).date().isoformat(),
        **machine.described(),
        "programs": hash_of_the_programs(EXAMPLES / story),
    }
    parts = [
        f" {json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()
    ]
    parts += [
        f' "{name}": [\n' + ",\n".join(f"  {json.dumps(row)}" for row in found) + "\n ]"
        for name, found in rows.items()
    ]
    recording_of(story).write_text("{\n" + ",\n".join(parts) + "\n}\n")


def _differences(changes: list[Change]) -> list[tuple[Change, Fields | None]]:
    known: dict[tuple[str, str], Fields] = {}
    found: list[tuple[Change, Fields | None]] = []
    for change in changes:
        key = change.kind, change.name
        if change.fields is None:
            known.pop(key, None)
            found.append((change, None))
            continue
        before = known.get(key, {})
        new = {
            k: v for k, v in change.fields.items() if before.get(k) != v or not before
        }
        known[key] = change.fields
        found.append((change, new))
    return found
