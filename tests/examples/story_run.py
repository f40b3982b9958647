"""One story in one run: its namespace, its identity, what that asked for."""

import os
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kubernetes import client
from urllib3.exceptions import HTTPError

from sandbox import inventory, rights, run
from sandbox.cluster import Cluster
from sandbox.story import Program, Story
from tests.at_rest import NAMESPACE_DEFAULTS
from tests.examples import deletions, exchange, exchange_recordings, in_process
from tests.examples.audit_log import AuditLog
from tests.examples.exchange import Noted
from tests.examples.own_cluster import OwnCluster
from tests.examples.watcher import Watcher


class StoryRun:
    """A story that is set up on the cluster, until `close` deletes it.

    `log` is of what its identity asks for. What the programs of one that is `noted` ask
    is in `exchanges`, by their names. One that is `watched` too has a `watcher`, which
    notes what they bring about. Recordings are made of both.
    """

    def __init__(
        self,
        cluster: Cluster,
        story: Story,
        directory: Path,
        log: AuditLog | None = None,
        own: OwnCluster | None = None,
        watched: bool = False,
        noted: bool = False,
    ) -> None:
        self.cluster = cluster
        self.log = log
        self.own = own
        self.story = story
        self.failed: str | None = None
        self.skipped: list[str] = []
        self.exchanges: dict[str, Noted] | None = {} if noted else None
        self._stack = ExitStack()
        run.load_images(cluster, story)
        # An own cluster is removed before anybody would look again.
        wait = None if own else self._note_deletions
        self.admin = self._stack.enter_context(run.prepared(cluster, story, wait))
        self.kubeconfig = run.write_identity(cluster, story, self.admin, directory)
        with run.client_for(self.kubeconfig) as identity:
            rights.wait_until_granted(identity, story)
        self.before = self._objects()
        self.watcher = Watcher(cluster.kubeconfig, story.namespace) if watched else None
        if self.watcher:
            self._stack.callback(self.watcher.stop)

    def close(self) -> None:
        """Delete what setup.yaml made; a second call does nothing."""
        self._stack.close()

    def _note_deletions(self, _: client.ApiClient, paths: list[str]) -> None:
        deletions.note(self.cluster.kubeconfig, paths)

    def _objects(self) -> set[inventory.Object]:
        objects = inventory.objects(self.admin, self.story.namespace)
        return {o for o in objects if (o.resource, o.name) not in NAMESPACE_DEFAULTS}

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
            self._noting(program),
        ):
            yield

    @contextmanager
    def _noting(self, program: Program) -> Generator[None]:
        if self.exchanges is None:
            yield
            return
        with exchange.noting() as noted:
            yield
        # Without one of these, kubectl shows nothing, and takes so long to say so that
        # the nodes, which can't report meanwhile, would be taken for lost.
        if not {"etcd", "kube-apiserver"} & {*program.stopped}:
            noted.kubectl = exchange_recordings.kubectl_get(
                self.cluster, self.story.namespace, noted.exchanges
            )
        self.exchanges[program.path.name] = noted
        if self.watcher:
            self.watcher.settle()


def _time(event: client.CoreV1Event) -> str:
    # Which of these is set depends on the API by which the Event was written.
    metadata = event.metadata
    return str(event.last_timestamp or event.event_time or metadata.creation_timestamp)
