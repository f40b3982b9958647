"""The page "Drain a node" does what kubectl does, to one of two equal nodes."""

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unittest.mock import Mock
from uuid import uuid4

import pytest
from kubernetes import client

from sandbox import lifecycle, run
from sandbox.cluster import Cluster
from tests import drivers
from tests.examples import deletions
from tests.examples.place import AGNHOST, SECONDS, Place, places, program

draining = program("02_drain", "drain")


@dataclass(frozen=True)
class Drained:
    """A node, and the namespace whose Pods are on it."""

    node: str
    place: Place

    @property
    def core(self) -> client.CoreV1Api:
        return client.CoreV1Api(self.place.api)

    def pods(self) -> list[str]:
        """Who owns what on the node."""
        pods: list[Any] = self.core.list_pod_for_all_namespaces(
            field_selector=f"spec.nodeName={self.node}"
        ).items
        owners = (pod.metadata.owner_references for pod in pods)
        return sorted(owner[0].kind if owner else "" for owner in owners)

    def is_cordoned(self) -> bool:
        node: Any = self.core.read_node(self.node)
        return bool(node.spec.unschedulable)


@pytest.fixture
def pair(cluster: Cluster) -> Iterator[list[Drained]]:
    """Two nodes with a Deployment's Pod, a DaemonSet's and one that nobody owns."""
    if "simulated-nodes" not in cluster.capabilities:
        pytest.skip("it takes simulated nodes: a real one is not ours to drain")
    names = [f"drained-{uuid4().hex[:8]}" for _ in range(2)]
    try:
        with places(cluster, 2) as made:
            pair = [Drained(*both) for both in zip(names, made, strict=True)]
            for each in pair:
                fill(each)
            yield pair
    finally:
        # Only now: without its node, nobody would say that a Pod has ended.
        with run.client_for(cluster.kubeconfig) as api:
            for name in names:
                client.CoreV1Api(api).delete_node(name)


def fill(drained: Drained) -> None:
    mine = {"drained": drained.node}
    taint = {"key": "drained", "value": drained.node, "effect": "NoSchedule"}
    size = {"cpu": "1", "memory": "1Gi", "pods": "10"}
    metadata = {"name": drained.node, "labels": {"type": "kwok", **mine}}
    node: Any = {
        "metadata": metadata,
        "spec": {"taints": [taint]},
        "status": {"capacity": size, "allocatable": size},
    }
    drained.core.create_node(node)
    spec: dict[str, Any] = {
        "nodeSelector": mine,
        "tolerations": [taint],
        "containers": [{"name": "main", "image": f"{AGNHOST}:2.66.1"}],
    }
    labels = {"app": "web"}
    owned: Any = {
        "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }
    namespace, apps = drained.place.namespace, drained.place.apps
    apps.create_namespaced_deployment(namespace, owned)
    owned["spec"]["selector"]["matchLabels"] = {"app": "everywhere"}
    owned["spec"]["template"]["metadata"]["labels"] = {"app": "everywhere"}
    apps.create_namespaced_daemon_set(namespace, owned)
    spec["volumes"] = [{"name": "scratch", "emptyDir": {}}]
    alone: Any = {"metadata": {"name": "alone"}, "spec": spec}
    drained.core.create_namespaced_pod(namespace, alone)
    deadline = time.monotonic() + SECONDS
    while len(drained.pods()) < 3:
        assert time.monotonic() < deadline, drained.pods()
        time.sleep(0.2)


def test_drain(pair: list[Drained]) -> None:
    theirs, ours = pair
    before = ["", "DaemonSet", "ReplicaSet"]
    words = ["drain", theirs.node, "--ignore-daemonsets", "--timeout=60s"]

    for options, more, why in [
        ({}, [], "no controller owns it"),
        ({"force": True}, ["--force"], "emptyDir"),
    ]:
        refused = theirs.place.kubectl(*words, *more)
        assert refused.returncode == 1, refused.stdout
        with pytest.raises(ValueError, match=f"alone: .*{why}"):
            draining.kubectl_drain(ours.core, ours.node, timeout=60, **options)
        # Both have cordoned it by then, and evicted nothing.
        assert [each.is_cordoned() for each in pair] == [True, True]
        assert [each.pods() for each in pair] == [before, before]

    lost = ["--force", "--delete-emptydir-data"]
    done = theirs.place.kubectl(*words, *lost)
    assert done.returncode == 0, done.stderr
    refused = draining.kubectl_drain(
        ours.core, ours.node, timeout=60, force=True, delete_emptydir_data=True
    )
    assert len(refused) == 2
    assert [each.pods() for each in pair] == [["DaemonSet"], ["DaemonSet"]]

    assert theirs.place.kubectl("uncordon", theirs.node).returncode == 0
    draining.kubectl_cordon(ours.core, ours.node, on=False)
    assert [each.is_cordoned() for each in pair] == [False, False]


LOST = ["--ignore-daemonsets", "--force", "--delete-emptydir-data", "--timeout=60s"]


def drain_all(each: Drained) -> dict[str, int]:
    """Drain as kubectl does with the words of LOST."""
    return draining.kubectl_drain(
        each.core, each.node, timeout=60, force=True, delete_emptydir_data=True
    )


def test_one_pod_that_cannot_be_evicted_does_not_keep_the_others(
    pair: list[Drained],
) -> None:
    """Where two budgets are for the same Pod, the API server refuses, by 500."""
    theirs, ours = pair
    for each in pair:
        # One that has not started may go whatever budgets say.
        each.place.wait("available", lambda web: web.status.available_replicas)
        for name in ["one", "two"]:
            spec = {"minAvailable": 0, "selector": {"matchLabels": {"app": "web"}}}
            budget: Any = {"metadata": {"name": name}, "spec": spec}
            client.PolicyV1Api(each.place.api).create_namespaced_pod_disruption_budget(
                each.place.namespace, budget
            )
    done = theirs.place.kubectl("drain", theirs.node, *LOST)
    assert done.returncode == 1
    assert "more than one PodDisruptionBudget" in done.stderr
    with pytest.raises(RuntimeError, match=r"web-.*: 500"):
        drain_all(ours)
    assert [each.pods() for each in pair] == [["DaemonSet", "ReplicaSet"]] * 2


def test_api_server_that_restarts_is_asked_again() -> None:
    """Meanwhile its load balancer answers, by a page."""
    busy = client.ApiException(status=503, reason="Service Unavailable")
    busy.body = "<html>"
    pod = client.V1Pod(
        metadata=client.V1ObjectMeta(name="web", namespace="any", uid="1"),
        spec=client.V1PodSpec(containers=[]),
        status=client.V1PodStatus(phase="Succeeded"),
    )
    core = Mock()
    core.list_pod_for_all_namespaces.return_value.items = [pod]
    core.create_namespaced_pod_eviction.side_effect = [busy, None]
    core.read_namespaced_pod.side_effect = [busy, client.ApiException(status=404)]
    assert draining.kubectl_drain(core, "node", timeout=60) == {"any/web": 0}


def test_pods_of_a_namespace_that_is_being_deleted_are_waited_for(
    pair: list[Drained],
) -> None:
    theirs, ours = pair
    held = [hold(each) for each in pair]
    for namespace in held:
        body: Any = {"metadata": {"name": "held"}}
        with pytest.raises(client.ApiException) as refused:
            ours.core.create_namespaced_pod_eviction("held", namespace, body)
        assert refused.value.status == 403
    kubectl = theirs.place.start_kubectl("drain", theirs.node, *LOST)
    release = threading.Timer(4, release_all, [ours.core, held])
    release.start()
    try:
        # That of the Deployment, the one that nobody owns, and this one.
        assert len(drain_all(ours)) == 3
        assert not release.is_alive(), "it did not wait"
        assert kubectl.wait(timeout=60) == 0
    finally:
        release.join()
        kubectl.kill()
        kubectl.communicate()
    assert [each.pods() for each in pair] == [["DaemonSet"], ["DaemonSet"]]


def hold(each: Drained) -> str:
    """Put a Pod on the node, in a namespace that is being deleted and waits for it."""
    namespace = f"held-{uuid4().hex[:8]}"
    body: Any = {"metadata": {"name": namespace}}
    each.core.create_namespace(body)
    spec = {
        "nodeName": each.node,
        "tolerations": [{"operator": "Exists"}],
        "automountServiceAccountToken": False,
        "containers": [{"name": "main", "image": f"{AGNHOST}:2.66.1"}],
    }
    metadata = {"name": "held", "finalizers": ["example.com/held"]}
    pod: Any = {"metadata": metadata, "spec": spec}
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            each.core.create_namespaced_pod(namespace, pod)
            break
        except client.ApiException:  # it has no ServiceAccount yet
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
    each.core.delete_namespace(namespace)
    deletions.note(each.place.kubeconfig, [f"/api/v1/namespaces/{namespace}"])
    while True:
        held: Any = each.core.read_namespaced_pod("held", namespace)
        if held.metadata.deletion_timestamp:
            return namespace
        assert time.monotonic() < deadline, held.status
        time.sleep(0.2)


def release_all(core: client.CoreV1Api, namespaces: list[str]) -> None:
    for namespace in namespaces:
        none: Any = {"metadata": {"finalizers": None}}
        core.patch_namespaced_pod("held", namespace, none)


@pytest.fixture
def workers(pytestconfig: pytest.Config) -> Iterator[Cluster]:
    """A cluster of its own, of two workers with real containers."""
    if "kind" not in drivers.chosen(pytestconfig):
        pytest.skip("it takes real nodes, which the driver kind makes")
    name = f"drain-{os.getpid()}"
    try:
        yield lifecycle.up(name, driver="kind", workers=2)
    finally:
        lifecycle.down(name)


def test_drain_of_a_worker_with_real_containers(workers: Cluster) -> None:
    with run.client_for(workers.kubeconfig) as api:
        place = Place("default", workers.kubeconfig, api)
        core: Any = client.CoreV1Api(api)
        names = [node.metadata.name for node in core.list_node().items]
        first, second = (name for name in names if "worker" in name)
        draining.kubectl_cordon(core, second)
        place.create(replicas=3)
        place.wait("available", lambda web: web.status.available_replicas == 3)
        spec = {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}}
        budget: Any = {"metadata": {"name": "web"}, "spec": spec}
        client.PolicyV1Api(api).create_namespaced_pod_disruption_budget(
            "default", budget
        )
        draining.kubectl_cordon(core, second, on=False)

        refused = draining.kubectl_drain(
            core, first, timeout=180, delete_emptydir_data=True
        )
        assert sum(refused.values()) > 0, "the budget held nothing back"
        for kind in Drained(first, place).pods():
            assert kind == "DaemonSet"
        # The last one that was evicted may not have been replaced yet.
        deadline = time.monotonic() + SECONDS
        while Drained(second, place).pods().count("ReplicaSet") < 3:
            assert time.monotonic() < deadline, Drained(second, place).pods()
            time.sleep(0.2)
