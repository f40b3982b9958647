"""What a run makes on a cluster: found and removed by its label and its UID.

On a cluster that goes with its sandbox, nothing else is needed. On one of the user's,
it is written down before it is made, so that it is known even if the run was killed.
"""

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from kubernetes import client
from urllib3.exceptions import HTTPError

from sandbox import inventory, waiting
from sandbox.cluster import Cluster
from sandbox.errors import UserError

LABEL = "kubernetes-overview/run"
"""The label of all that a run makes. Its value is the run's own."""

DELETE_SECONDS = 120


class Made:
    """What one run has made on a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._run = uuid4().hex
        self._uids: dict[str, str | None] = {}
        self._note: Path | None = None
        if cluster.driver == "current":
            self._note = _notes(cluster.kubeconfig.parent) / f"{self._run}.json"

    def create(self, api: client.ApiClient, path: str, manifest: dict[str, Any]) -> str:
        """Create an object in the collection at `path`; return the object's own path.

        Raises ApiException where the API server refuses.
        """
        metadata = manifest["metadata"]
        labels = (metadata.get("labels") or {}) | {LABEL: self._run}
        own = f"{path}/{metadata['name']}"
        self._write(own, None)
        body = manifest | {"metadata": metadata | {"labels": labels}}
        answer = inventory.request(api, "POST", path, body=body)
        self._write(own, answer["metadata"]["uid"])
        return own

    def delete(
        self,
        api: client.ApiClient,
        wait: Callable[[client.ApiClient, list[str]], None] | None = None,
    ) -> None:
        """Delete all that was made, and nothing else.

        `wait` is called with the paths of what is being deleted; by default, until it
        is gone. Raises UserError if that takes too long.
        """
        _delete(api, self._run, self._uids, wait)
        if self._note:
            self._note.unlink(missing_ok=True)

    def _write(self, path: str, uid: str | None) -> None:
        self._uids[path] = uid
        if self._note:
            self._note.parent.mkdir(exist_ok=True)
            part = self._note.with_suffix(".part")
            part.write_text(json.dumps(self._uids))
            part.replace(self._note)


def noted(folder: Path) -> list[Path]:
    """The notes of runs on the cluster of the sandbox in `folder` that did not end."""
    return sorted(_notes(folder).glob("*.json"))


def remove_left(folder: Path, api: client.ApiClient) -> None:
    """Remove what these runs have made. Raises UserError if that can't be done."""
    for note in noted(folder):
        uids: dict[str, str | None] = json.loads(note.read_text())
        try:
            _delete(api, note.stem, uids)
        except (HTTPError, client.ApiException) as error:
            raise UserError(
                f"the cluster {failure(error)}, and still has what a killed run made"
                f" ({', '.join(uids)}): try again, or delete {folder} to forget it"
            ) from None
        note.unlink()


def failure(error: HTTPError | client.ApiException) -> str:
    """What an API server did, in a line: it refuses and why, or it does not answer."""
    if not isinstance(error, client.ApiException) or not error.status:
        return "does not answer"
    try:
        why = json.loads(error.body or "")["message"]
    except (ValueError, KeyError, TypeError):
        why = error.reason
    return f"refuses ({error.status} {why})"


def wait_until_gone(
    api: client.ApiClient, paths: list[str], uids: dict[str, str] | None = None
) -> None:
    """Wait until there are no objects at these paths, or none of these UIDs.

    Raises UserError in the end.
    """
    for path in reversed(paths):
        uid = (uids or {}).get(path)
        is_there = functools.partial(status, api, path, uid)
        waiting.until(f"{path} to be gone", is_there, DELETE_SECONDS)


def status(api: client.ApiClient, path: str, uid: str | None = None) -> str | None:
    """The status of an object, or None if it, or the one of that UID, is not there."""
    try:
        live = inventory.request(api, "GET", path)
    except client.ApiException as error:
        if error.status == 404:
            return None
        raise
    is_another = uid and live["metadata"]["uid"] != uid
    return None if is_another else str(live.get("status", {}))


def _notes(folder: Path) -> Path:
    return folder / "made"


def _delete(
    api: client.ApiClient,
    run: str,
    uids: dict[str, str | None],
    wait: Callable[[client.ApiClient, list[str]], None] | None = None,
) -> None:
    deleted: dict[str, str] = {}
    for path, uid in reversed(uids.items()):
        try:
            uid = uid or _uid_by_label(api, run, path)
            if uid:
                options = {"preconditions": {"uid": uid}}
                deleted[path] = uid
                inventory.request(api, "DELETE", path, body=options)
        except client.ApiException as error:
            # Gone; or another one of its name, or a Namespace that is going already.
            if error.status not in (404, 409):
                raise
    paths = [*reversed(deleted)]
    if wait:
        wait(api, paths)
    else:
        wait_until_gone(api, paths, deleted)


def _uid_by_label(api: client.ApiClient, run: str, path: str) -> str | None:
    """That of an object which the run was about to make, if it came to that."""
    metadata = inventory.request(api, "GET", path)["metadata"]
    ours = (metadata.get("labels") or {}).get(LABEL) == run
    return metadata["uid"] if ours else None
