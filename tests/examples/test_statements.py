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

CONTAINER = {"name": "server", "image": f"{AGNHOST}:2.66.1"}


@pytest.fixture
def place(cluster: Cluster) -> Iterator[Place]:
    with places(cluster, 1) as (made,):
        yield made


def wait_for(what: str, read: Callable[[], Any], seconds: float = SECONDS) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := read()):
        assert time.monotonic() < deadline, f"no {what} after {seconds} s"
        time.sleep(0.2)
    return value


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
        pods: Any = core.list_namespaced_pod(
            place.namespace, field_selector="metadata.name=db-0"
        ).items
        return pods[0] if pods else None

    def on(name: str) -> Any:
        current = pod()
        return current if current and current.spec.node_name == name else None

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
                current = pod()
                return current and current.metadata.deletion_timestamp

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
                timeout_seconds=120,
            )
            for event in events:
                if event["type"] == "DELETED":
                    last = event["object"]
                    break
            else:
                pytest.fail("the Pod is not gone after 120 s")
            assert 35 < time.monotonic() - began < 100  # by the page, 40 to 80
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
        claim_list: Any = core.list_namespaced_persistent_volume_claim(place.namespace)
        return [claim.metadata.name for claim in claim_list.items]

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


def test_claim_says_that_nobody_uses_it(cluster: Cluster, place: Place) -> None:
    """storage.md: how to find what is paid for and not used."""
    if int(cluster.kubernetes.split(".")[1]) < 37:
        pytest.skip("the condition came with Kubernetes 1.37")
    core = client.CoreV1Api(place.api)
    body: Any = {
        "metadata": {"name": "idle"},
        "spec": {
            "storageClassName": "",
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    volume: Any = {
        "metadata": {"name": f"idle-{place.namespace}"},
        "spec": {
            "storageClassName": "",
            "accessModes": ["ReadWriteOnce"],
            "capacity": {"storage": "1Gi"},
            "hostPath": {"path": "/tmp/idle"},
            # With it, the claim is bound at once and not after 15 s.
            "claimRef": {"name": "idle", "namespace": place.namespace},
        },
    }
    core.create_persistent_volume(volume)
    core.create_namespaced_persistent_volume_claim(place.namespace, body)

    def unused() -> bool:
        claim: Any = core.read_namespaced_persistent_volume_claim(
            "idle", place.namespace
        )
        conditions = claim.status.conditions or []
        return any(e.type == "Unused" and e.status == "True" for e in conditions)

    try:
        wait_for("condition Unused", unused)
    finally:
        core.delete_namespaced_persistent_volume_claim("idle", place.namespace)
        core.delete_persistent_volume(volume["metadata"]["name"])


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
        autoscalers: Any = api.list_namespaced_horizontal_pod_autoscaler(
            place.namespace
        )
        return {
            each.metadata.name: condition.reason
            for each in autoscalers.items
            for condition in each.status.conditions or []
            if condition.type == "ScalingActive"
        }

    both = dict.fromkeys(["old", "new"], "AmbiguousSelector")
    wait_for(f"{both}", lambda: reasons() == both)


def test_tolerance_of_an_autoscaler_can_be_set(place: Place) -> None:
    """autoscaling.md: the 10 % are a default."""
    api = client.AutoscalingV2Api(place.api)
    body = autoscaler("exact", scaleUp={"tolerance": "0"})
    made: Any = api.create_namespaced_horizontal_pod_autoscaler(
        place.namespace, body, dry_run="All"
    )
    assert made.spec.behavior.scale_up.tolerance == "0"


def test_update_of_a_custom_resource_needs_its_version(place: Place) -> None:
    """deployments.md: a Deployment is just overwritten where the version is missing."""
    group, plural = f"{place.namespace}.example.com", "notes"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True}
    definition: Any = {
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": "Note"},
            "versions": [version | {"schema": {"openAPIV3Schema": schema}}],
        },
    }
    definitions = client.ApiextensionsV1Api(place.api)
    custom = client.CustomObjectsApi(place.api)
    where = (group, "v1", place.namespace, plural)
    note: Any = {"apiVersion": f"{group}/v1", "kind": "Note", "metadata": {"name": "n"}}
    definitions.create_custom_resource_definition(definition)

    def created() -> bool:
        try:
            custom.create_namespaced_custom_object(*where, note)
        except client.ApiException as error:
            if error.status != 404:
                raise
            return False
        return True

    try:
        wait_for("endpoint of the new kind", created)
        with pytest.raises(client.ApiException, match="must be specified") as refused:
            custom.replace_namespaced_custom_object(*where, "n", note)
        assert refused.value.status == 422
    finally:
        definitions.delete_custom_resource_definition(definition["metadata"]["name"])


def test_webhook_has_to_say_that_a_dry_run_leaves_no_trace(place: Place) -> None:
    """python-client.md: so no new webhook makes dry runs fail."""
    api = client.AdmissionregistrationV1Api(place.api)
    hook = {
        "name": "hook.example.com",
        "clientConfig": {"url": "https://127.0.0.1:1/"},
        "admissionReviewVersions": ["v1"],
    }

    def create(side_effects: str) -> None:
        hooks = [hook | {"sideEffects": side_effects}]
        body: Any = {"metadata": {"name": place.namespace}, "webhooks": hooks}
        api.create_validating_webhook_configuration(body, dry_run="All")

    create("None")
    create("NoneOnDryRun")
    for more in ["Some", "Unknown"]:
        with pytest.raises(client.ApiException, match="sideEffects") as refused:
            create(more)
        assert refused.value.status == 422


def test_deployment_counts_pods_that_are_being_deleted(place: Place) -> None:
    """rollouts.md: in `status.terminatingReplicas`, and in no other counter."""
    core = client.CoreV1Api(place.api)
    place.create()
    # Once its containers have ended, a Pod is no longer counted, whatever holds it.
    slow = {"name": "server", "lifecycle": {"preStop": {"sleep": {"seconds": 25}}}}
    pod = {"terminationGracePeriodSeconds": 30, "containers": [slow]}
    place.patch({"spec": {"template": {"spec": pod}}})
    place.wait(
        "available alone",
        lambda web: (
            web.status.observed_generation == web.metadata.generation
            and web.status.updated_replicas == web.status.replicas == 1
            and web.status.available_replicas == 1
            and not web.status.terminating_replicas
        ),
    )
    pods: Any = core.list_namespaced_pod(place.namespace, label_selector="app=web")
    name = next(
        pod.metadata.name for pod in pods.items if not pod.metadata.deletion_timestamp
    )

    def hold(finalizers: list[str] | None) -> None:
        change = {"metadata": {"finalizers": finalizers}}
        core.patch_namespaced_pod(name, place.namespace, change)

    hold(["example.com/held"])
    try:
        core.delete_namespaced_pod(name, place.namespace, grace_period_seconds=30)
        # Not at once: a status may be from before the new Pod was counted.
        place.wait(
            "replaced",
            lambda web: (
                (web.status.replicas, web.status.available_replicas) == (1, 1)
                and web.status.terminating_replicas == 1
            ),
        )
    finally:
        hold(None)
    place.wait("rid of it", lambda web: not web.status.terminating_replicas)
