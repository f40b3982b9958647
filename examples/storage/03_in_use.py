# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete a claim that a Pod is using: nothing is lost until the Pod is gone."""

import time
from collections.abc import Callable

from kubernetes import client, config

NAMESPACE = "overview-storage"

config.load_kube_config()
core = client.CoreV1Api()

container = client.V1Container(
    name="server",
    image="registry.k8s.io/e2e-test-images/agnhost:2.66.1",
    args=["netexec", "--http-port=8080"],
    resources=client.V1ResourceRequirements(requests={"cpu": "10m", "memory": "32Mi"}),
    volume_mounts=[
        client.V1VolumeMount(name="data", mount_path="/data", read_only=True)
    ],
)
claimed = client.V1PersistentVolumeClaimVolumeSource(claim_name="data")
pod = client.V1Pod(
    metadata=client.V1ObjectMeta(name="reader"),
    spec=client.V1PodSpec(
        containers=[container],
        volumes=[client.V1Volume(name="data", persistent_volume_claim=claimed)],
    ),
)


def wait(wanted: str, look: Callable[[], str], seconds: float = 120) -> None:
    """Return as soon as a look shows what is wanted, or raise with what it showed."""
    deadline = time.monotonic() + seconds
    while (seen := look()) != wanted:
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds} s: {seen}, not {wanted}")
        time.sleep(0.2)


def place() -> str:
    """Say whether the Pod has been placed."""
    now = core.read_namespaced_pod("reader", NAMESPACE, _request_timeout=10)
    return "on a node" if now.spec.node_name else "on no node"


def left() -> str:
    """Name what is left of both, the Pod and the claim."""
    pods = core.list_namespaced_pod(
        NAMESPACE, field_selector="metadata.name=reader", _request_timeout=10
    ).items
    claims = core.list_namespaced_persistent_volume_claim(
        NAMESPACE, field_selector="metadata.name=data", _request_timeout=10
    ).items
    return ", ".join(each.metadata.name for each in [*pods, *claims]) or "nothing left"


def phase() -> str:
    """Return the volume's phase."""
    return core.read_persistent_volume(disk, _request_timeout=10).status.phase


disk = f"{NAMESPACE}-disk-1"
core.create_namespaced_pod(NAMESPACE, pod, _request_timeout=30)
wait("on a node", place)

core.delete_namespaced_persistent_volume_claim("data", NAMESPACE, _request_timeout=30)
claim = core.read_namespaced_persistent_volume_claim(
    "data", NAMESPACE, _request_timeout=10
)
asked = bool(claim.metadata.deletion_timestamp)
print(f"claim: deletion asked for: {asked}, still {claim.status.phase}")
#> claim: deletion asked for: True, still Bound
print(f"claim: held by {claim.metadata.finalizers}")
#> claim: held by ['kubernetes.io/pvc-protection']

core.delete_namespaced_pod("reader", NAMESPACE, _request_timeout=30)
wait("nothing left", left)
print("the Pod is gone, and with it the claim")
#> the Pod is gone, and with it the claim

wait("Released", phase)
volume = core.read_persistent_volume(disk, _request_timeout=10)
old = volume.spec.claim_ref.name
policy = volume.spec.persistent_volume_reclaim_policy
print(f"volume: {volume.status.phase}, policy {policy}, remembers {old}")
#> volume: Released, policy Retain, remembers data
