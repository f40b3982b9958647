"""What pages say of Kubernetes, and no program of theirs shows.

When Kubernetes changes, a test here turns red, and the page has to say something else.
"""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from kubernetes import client, watch

from sandbox.cluster import Cluster
from tests.examples.place import AGNHOST, SECONDS, Place, places

# What is asked here of the API and of controllers does not depend on the driver.
pytestmark = pytest.mark.last_driver

CONTAINER = {"name": "server", "image": f"{AGNHOST}:2.66.1"}


@pytest.fixture(scope="module")
def place(cluster: Cluster) -> Iterator[Place]:
    with places(cluster, 1) as (made,):
        yield made


def wait_for(what: str, read: Callable[[], Any], seconds: float = SECONDS) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := read()):
        assert time.monotonic() < deadline, f"no {what} after {seconds} s"
        time.sleep(0.2)
    return found


def stateful_set(place: Place, name: str, pod: dict[str, Any], **spec: Any) -> None:
    labels = {"app": name}
    body: Any = {
        "metadata": {"name": name},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [CONTAINER], **pod},
            },
            **spec,
        },
    }
    place.apps.create_namespaced_stateful_set(place.namespace, body)


@contextmanager
def node(core: client.CoreV1Api, story: str, **labels: str) -> Generator[str]:
    """A node for the Pods of one test; with the label type=kwok, it has a kubelet."""
    name = f"{story}-{uuid4().hex[:4]}"
    size = {"cpu": "1", "memory": "1Gi", "pods": "10"}
    ready = {"type": "Ready", "status": "True"}
    body: Any = {
        "metadata": {"name": name, "labels": {"story": story, **labels}},
        "spec": {"taints": [{"key": story, "effect": "NoSchedule"}]},
        "status": {"capacity": size, "allocatable": size, "conditions": [ready]},
    }
    core.create_node(body)
    try:
        yield name
    finally:
        try:
            core.delete_node(name)
        except client.ApiException as error:
            if error.status != 404:
                raise


def test_stateful_set_replaces_a_pod_once_its_node_is_deleted(
    cluster: Cluster, place: Place
) -> None:
    """self-healing.md: what follows when a cloud says that a machine is gone."""
    if "simulated-nodes" not in cluster.capabilities:
        pytest.skip("it takes a node without a kubelet")
    core = client.CoreV1Api(place.api)
    story = f"lost-{uuid4().hex[:8]}"

    def pod() -> Any:
        found: Any = core.list_namespaced_pod(
            place.namespace, field_selector="metadata.name=db-0"
        ).items
        return found[0] if found else None

    def on(name: str) -> Any:
        found = pod()
        return found if found and found.spec.node_name == name else None

    with node(core, story) as lost:
        tolerations = [{"key": story, "effect": "NoSchedule"}]
        chosen = {"nodeSelector": {"story": story}, "tolerations": tolerations}
        stateful_set(place, "db", chosen)
        first = wait_for("Pod on the node", lambda: on(lost))
        running: Any = {"status": {"phase": "Running"}}
        core.patch_namespaced_pod_status("db-0", place.namespace, running)
        with node(core, story, type="kwok") as other:
            # As the node controller taints a silent node; this one nobody tolerates.
            taints = [*tolerations, {"key": story, "effect": "NoExecute"}]
            core.patch_node(lost, {"spec": {"taints": taints}})

            def evicted() -> bool:
                found = pod()
                return found and found.metadata.deletion_timestamp

            wait_for("eviction", evicted)
            time.sleep(3)  # time in which a ReplicaSet replaces it many times over
            assert pod().metadata.uid == first.metadata.uid

            # As a cloud-controller-manager does.
            core.delete_node(lost)
            began = time.monotonic()
            events: Any = watch.Watch().stream(
                core.list_namespaced_pod,
                place.namespace,
                field_selector="metadata.name=db-0",
                resource_version=pod().metadata.resource_version,
                timeout_seconds=90,
            )
            for event in events:
                if event["type"] == "DELETED":
                    last = event["object"]
                    break
            else:
                pytest.fail("the Pod is not gone after 90 s")
            assert 35 < time.monotonic() - began < 75  # by the page, 40 to 60
            assert last.metadata.uid == first.metadata.uid
            assert last.status.phase == "Failed"
            why = {each.type: each.reason for each in last.status.conditions}
            assert why["DisruptionTarget"] == "DeletionByPodGC"
            wait_for("replacement", lambda: on(other))
            place.apps.delete_namespaced_stateful_set("db", place.namespace)
            wait_for("end of the Pod", lambda: not pod())


def test_scaled_to_zero_a_stateful_set_may_lose_all_its_data(place: Place) -> None:
    """storage.md: `whenScaled: Delete` makes no exception for the last replica."""
    core = client.CoreV1Api(place.api)

    def claims() -> list[str]:
        found: Any = core.list_namespaced_persistent_volume_claim(place.namespace)
        return [claim.metadata.name for claim in found.items]

    claim = {
        "metadata": {"name": "data"},
        "spec": {
            # No class: the Pod is not placed, and nothing has to be provisioned.
            "storageClassName": "",
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    policy = {"whenScaled": "Delete", "whenDeleted": "Retain"}
    stateful_set(
        place,
        "kept",
        {},
        volumeClaimTemplates=[claim],
        persistentVolumeClaimRetentionPolicy=policy,
    )
    wait_for("claim", claims)
    place.apps.patch_namespaced_stateful_set_scale(
        "kept", place.namespace, {"spec": {"replicas": 0}}
    )
    wait_for("end of the claim", lambda: not claims())
    place.apps.delete_namespaced_stateful_set("kept", place.namespace)


def autoscaler(name: str, **behavior: Any) -> Any:
    half = {"type": "Utilization", "averageUtilization": 50}
    return {
        "metadata": {"name": name},
        "spec": {
            "scaleTargetRef": {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "name": "web",
            },
            "minReplicas": 1,
            "maxReplicas": 2,
            "metrics": [
                {"type": "Resource", "resource": {"name": "cpu", "target": half}}
            ],
            **({"behavior": behavior} if behavior else {}),
        },
    }


def test_two_autoscalers_of_the_same_pods_both_stand_still(place: Place) -> None:
    """autoscaling.md: so does one that was renamed, and not deleted."""
    api = client.AutoscalingV2Api(place.api)
    place.create()
    for name in ["old", "new"]:
        api.create_namespaced_horizontal_pod_autoscaler(
            place.namespace, autoscaler(name)
        )

    def reasons() -> dict[str, str]:
        found: Any = api.list_namespaced_horizontal_pod_autoscaler(place.namespace)
        return {
            each.metadata.name: condition.reason
            for each in found.items
            for condition in each.status.conditions or []
            if condition.type == "ScalingActive"
        }

    both = dict.fromkeys(["old", "new"], "AmbiguousSelector")
    wait_for(f"{both}", lambda: reasons() == both)
    for name in both:
        api.delete_namespaced_horizontal_pod_autoscaler(name, place.namespace)
    place.delete()


def test_tolerance_of_an_autoscaler_can_be_set(place: Place) -> None:
    """autoscaling.md: the 10 % are a default."""
    api = client.AutoscalingV2Api(place.api)
    body = autoscaler("exact", scaleUp={"tolerance": "0"})
    made: Any = api.create_namespaced_horizontal_pod_autoscaler(
        place.namespace, body, dry_run="All"
    )
    assert made.spec.behavior.scale_up.tolerance == "0"
