"""What has an identity asked of the API server? The server's audit log tells.

It knows of every program, in whatever process and by whatever client. Clusters that a
driver starts have one, with all that is needed (sandbox/drivers/audit-policy.yaml).
"""

import json
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sandbox import waiting
from sandbox.cluster import Cluster
from sandbox.story import Story
from tests.examples.rights import Right

# A line is written when the answer was, which may be read a little earlier.
LOGGED_SECONDS = 15.0

# Every identity may ask who it is and what it may do (system:basic-user).
GRANTED_TO_ALL = {"authentication.k8s.io", "authorization.k8s.io"}

CONNECTED = {"pods/attach", "pods/exec", "pods/portforward"}


@dataclass(frozen=True)
class Asked:
    """A request that was allowed: the API server's name for it, and the rights without
    which it would have been refused.
    """

    audit_id: str
    rights: tuple[Right, ...]


class AuditLog:
    """What one identity has asked for since this was made; followed when it is read.

    `path` is the file that the API server writes to. When that is full, the API server
    renames it and begins another one.
    """

    def __init__(self, path: Path, username: str) -> None:
        self._path = path
        self.username = username
        # Others write most of the lines, and those are not parsed.
        self._mark = f'"username":{json.dumps(username)}'.encode()
        self._file = path.open("rb")
        self._file.seek(0, os.SEEK_END)
        self._asked: dict[str, Asked] = {}

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def asked(self) -> list[Asked]:
        """All that is logged by now, in the order of the log."""
        for line in self._new_lines():
            if self._mark in line:
                request = asked(json.loads(line), self.username)
                if request:
                    self._asked.setdefault(request.audit_id, request)
        return list(self._asked.values())

    def wait_for(self, enough: Callable[[list[Asked]], bool]) -> list[Asked]:
        """What is logged once it is enough, or else after LOGGED_SECONDS."""
        logged: list[Asked] = []

        def lacking() -> str | None:
            logged[:] = self.asked()
            return None if enough(logged) else "not yet"

        with suppress(waiting.TimedOut):
            waiting.until("the audit log", lacking, LOGGED_SECONDS)
        return logged

    def _new_lines(self) -> Iterator[bytes]:
        while True:
            # Asked first: what has a successor is written no more, so that all of it
            # is read now.
            successor = self._successor()
            for line in self._file:
                if not line.endswith(b"\n"):
                    # Only half written.
                    self._file.seek(-len(line), os.SEEK_CUR)
                    break
                # It is not, where reading began in the middle of a line.
                if line.startswith(b'{"kind":"Event"'):
                    yield line
            if successor is None:
                return
            self._file.close()
            self._file = successor

    def _successor(self) -> BinaryIO | None:
        """The file in which the log goes on after this one, if there is one yet."""
        own = os.fstat(self._file.fileno())
        following: Path | None = None
        for path, status in self._newest_first():
            if os.path.samestat(status, own):
                return following.open("rb") if following else None
            following = path
        raise RuntimeError(f"{self._path} was begun anew twice since it was read")

    def _newest_first(self) -> Iterator[tuple[Path, os.stat_result]]:
        # In this order, what is renamed meanwhile is seen twice rather than not at all.
        with suppress(FileNotFoundError):
            yield self._path, self._path.stat()
        # Each has the time in its name.
        full = self._path.parent.glob(f"{self._path.stem}-*{self._path.suffix}")
        for path in sorted(full, reverse=True):
            with suppress(FileNotFoundError):
                yield path, path.stat()


@contextmanager
def of(story: Story, cluster: Cluster) -> Generator[AuditLog | None]:
    """Follow what a story's programs ask for; None if the cluster has no audit log."""
    if cluster.audit_log is None:
        yield None
        return
    account = f"system:serviceaccount:{story.namespace}:{story.service_account}"
    with closing(AuditLog(cluster.audit_log, account)) as log:
        yield log


def asked(event: dict[str, Any], username: str) -> Asked | None:
    """What the event says that this identity has asked for, and was allowed to.

    None for a request of another identity, for one that was refused, and for what every
    identity may ask.
    """
    about = event.get("objectRef", {})
    decision = event.get("annotations", {}).get("authorization.k8s.io/decision")
    if (
        event["user"]["username"] != username
        or decision != "allow"
        or "resource" not in about
        or about.get("apiGroup", "") in GRANTED_TO_ALL
    ):
        return None
    code = event["responseStatus"].get("code", 0)
    return Asked(event["auditID"], tuple(_rights(event["verb"], about, code)))


def _rights(verb: str, about: dict[str, Any], code: int) -> Iterator[Right]:
    group = about.get("apiGroup", "")
    subresource = about.get("subresource", "")
    resource = f"{about['resource']}/{subresource}".rstrip("/")
    # The log takes the name from the object that is to be created. Who decides whether
    # it may be has only the URL to go by.
    named = verb != "create" or subresource
    name = about.get("name", "") if named else ""
    yield Right(group, resource, verb, name)
    if verb in {"patch", "update"} and code == 201:
        # It made the object, as a server-side apply does of one that is not there.
        # https://github.com/kubernetes/kubernetes/blob/v1.37.2/staging/src/k8s.io/apiserver/pkg/endpoints/handlers/update.go
        yield Right(group, resource, "create", name)
    if verb == "get" and not group and resource in CONNECTED:
        # The handshake of a WebSocket is a GET, and `create` is asked for beside it.
        # https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/registry/core/pod/rest/subresources.go
        yield Right(group, resource, "create", name)
