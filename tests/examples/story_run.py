"""One story in one run: its namespace, its identity, what that asked for."""

import os
from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path

from kubernetes import client
from urllib3.exceptions import HTTPError

from sandbox import inventory, rights, run
from sandbox.cluster import Cluster
from sandbox.story import Program, Story
from tests.at_rest import NAMESPACE_DEFAULTS
from tests.examples import deletions, in_process
from tests.examples.audit_log import AuditLog
from tests.examples.own_cluster import OwnCluster
from tests.examples.watcher import Watcher


class StoryRun:
    """A story that is set up on the cluster, until `close` deletes it.

    `log` is of what its identity asks for. One that is `watched` has a watcher, whose
    notes a recording is made of.
    """

    def __init__(
        self,
        cluster: Cluster,
        told: Story,
        directory: Path,
        log: AuditLog | None = None,
        own: OwnCluster | None = None,
        watched: bool = False,
    ) -> None:
        self.cluster = cluster
        self.log = log
        self.own = own
        self.story = told
        self.failed: str | None = None
        self.skipped: list[str] = []
        self._stack = ExitStack()
        run.load_images(cluster, told)
        # An own cluster is removed before anybody would look again.
        wait = None if own else self._note_deletions
        self.admin = self._stack.enter_context(run.prepared(cluster, told, wait))
        self.kubeconfig = run.write_identity(cluster, told, self.admin, directory)
        with run.client_for(self.kubeconfig) as identity:
            rights.wait_until_granted(identity, told)
        self.before = self._objects()
        self.watcher = Watcher(cluster.kubeconfig, told.namespace) if watched else None
        if self.watcher:
            self._stack.callback(self.watcher.stop)

    def close(self) -> None:
        """Delete what setup.yaml made; a second call does nothing."""
        self._stack.close()

    def _note_deletions(self, _: client.ApiClient, paths: list[str]) -> None:
        deletions.note(self.cluster.kubeconfig, paths)

    def _objects(self) -> set[inventory.Object]:
        found = inventory.objects(self.admin, self.story.namespace)
        return {o for o in found if (o.resource, o.name) not in NAMESPACE_DEFAULTS}

    def left_behind(self, seconds: float) -> list[str]:
        """What the programs left in the namespace, or took away from setup.yaml's."""
        defaults = {
            inventory.Object(resource, self.story.namespace, name)
            for resource, name in NAMESPACE_DEFAULTS
        }
        return inventory.settled_difference(
            self.admin, self.before | defaults, seconds, self.story.namespace
        )

    def events(self) -> str:
        """The Events of the namespace, oldest first, a line each."""
        try:
            listed = client.CoreV1Api(self.admin).list_namespaced_event(
                self.story.namespace, _request_timeout=10
            )
        except (client.ApiException, HTTPError) as error:
            # The API server, or what it needs, may be stopped.
            return f"  not to be had: {error}"
        lines = [
            f"  {e.type} {e.reason} {e.involved_object.kind}/{e.involved_object.name}"
            f": {e.message}"
            for e in sorted(listed.items, key=_time)
        ]
        return "\n".join(lines[-20:]) or "  none"

    @contextmanager
    def as_identity(self, program: Program) -> Generator[None]:
        """Let a program in this process find the story's kubeconfig."""
        variables = {
            **os.environ,
            **self.cluster.environment,
            "KUBECONFIG": str(self.kubeconfig),
        }
        with (
            in_process.environment(variables, self.story.name),
            self._watching(program),
        ):
            yield

    def _watching(self, program: Program) -> AbstractContextManager[None]:
        return self.watcher.running(program.path) if self.watcher else nullcontext()


def _time(event: client.CoreV1Event) -> str:
    # Which of these is set depends on the API by which the Event was written.
    metadata = event.metadata
    return str(event.last_timestamp or event.event_time or metadata.creation_timestamp)
