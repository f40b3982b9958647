# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete a claim that a Pod is using: nothing is lost until the Pod is gone."""

import time
from collections.abc import Callable

from kubernetes import client, config

NAMESPACE = "storage"

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


def wait(what: str, is_so: Callable[[], bool], seconds: float = 60) -> None:
    """Return as soon as something is so, or raise TimeoutError with its name."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not so after {seconds} s: {what}")
        time.sleep(0.2)


def on_a_node() -> bool:
    """Say whether the Pod has been placed."""
    return bool(core.read_namespaced_pod("reader", NAMESPACE).spec.node_name)


def is_gone() -> bool:
    """Say whether both are gone, the Pod and the claim."""
    pods = core.list_namespaced_pod(NAMESPACE).items
    claims = core.list_namespaced_persistent_volume_claim(NAMESPACE).items
    return not pods and not claims


core.create_namespaced_pod(NAMESPACE, pod)
wait("reader is on a node", on_a_node)

core.delete_namespaced_persistent_volume_claim("data", NAMESPACE)
claim = core.read_namespaced_persistent_volume_claim("data", NAMESPACE)
asked = bool(claim.metadata.deletion_timestamp)
print(f"claim: deletion asked for: {asked}, still {claim.status.phase}")
#> claim: deletion asked for: True, still Bound
print(f"claim: held by {claim.metadata.finalizers}")
#> claim: held by ['kubernetes.io/pvc-protection']

core.delete_namespaced_pod("reader", NAMESPACE)
wait("Pod and claim are gone", is_gone)
print("the Pod is gone, and with it the claim")
#> the Pod is gone, and with it the claim

disk = f"{NAMESPACE}-disk-1"
wait(
    f"{disk} is released",
    lambda: core.read_persistent_volume(disk).status.phase == "Released",
)
volume = core.read_persistent_volume(disk)
old = volume.spec.claim_ref.name
policy = volume.spec.persistent_volume_reclaim_policy
print(f"volume: {volume.status.phase}, policy {policy}, remembers {old}")
#> volume: Released, policy Retain, remembers data
