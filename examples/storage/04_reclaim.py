# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""What becomes of a volume whose claim is gone: kept and used again, or deleted."""

import time

from kubernetes import client, config

NAMESPACE = "overview-storage"
CLASS = f"{NAMESPACE}-by-hand"

config.load_kube_config()
core = client.CoreV1Api()


def claim(name: str) -> client.V1PersistentVolumeClaim:
    """Claim 500Mi of our class, and return the claim."""
    spec = client.V1PersistentVolumeClaimSpec(
        storage_class_name=CLASS,
        access_modes=["ReadWriteOnce"],
        resources=client.V1VolumeResourceRequirements(requests={"storage": "500Mi"}),
    )
    return core.create_namespaced_persistent_volume_claim(
        NAMESPACE,
        client.V1PersistentVolumeClaim(
            metadata=client.V1ObjectMeta(name=name), spec=spec
        ),
        _request_timeout=30,
    )


def wait_for(volume: str, phase: str, seconds: float = 60) -> client.V1PersistentVolume:
    """Return a volume once it is in this phase."""
    deadline = time.monotonic() + seconds
    while True:
        now = core.read_persistent_volume(volume, _request_timeout=10)
        if now.status.phase == phase:
            return now
        if time.monotonic() > deadline:
            raise TimeoutError(f"{volume}, after {seconds} s: {now.status.phase}")
        time.sleep(0.2)


kept = f"{NAMESPACE}-disk-1"  # Released by the program before this one
new = claim("data")
# Nothing is expected to happen. When there is an Event, the claim has been looked at.
about = f"involvedObject.uid={new.metadata.uid}"
deadline = time.monotonic() + 60
while not core.list_namespaced_event(
    NAMESPACE, field_selector=about, _request_timeout=10
).items:
    if time.monotonic() > deadline:
        raise TimeoutError("no Event about the new claim after 60 s")
    time.sleep(0.2)
now = core.read_namespaced_persistent_volume_claim(
    "data", NAMESPACE, _request_timeout=10
)
print(f"a new claim of the old name: {now.status.phase}")
#> a new claim of the old name: Pending

# The volume remembers a claim by its UID. Make it remember the new one.
known = {"uid": new.metadata.uid, "resourceVersion": None}
core.patch_persistent_volume(kept, {"spec": {"claimRef": known}}, _request_timeout=30)
print(f"reserved for the new claim: {wait_for(kept, 'Bound').status.phase}")
#> reserved for the new claim: Bound

# The same kind of volume, with the other policy.
spec = core.read_persistent_volume(kept, _request_timeout=10).spec
spec.claim_ref = None
spec.persistent_volume_reclaim_policy = "Delete"
gone = f"{NAMESPACE}-disk-2"
core.create_persistent_volume(
    client.V1PersistentVolume(metadata=client.V1ObjectMeta(name=gone), spec=spec),
    _request_timeout=30,
)
print(f"reserved for nobody: {wait_for(gone, 'Available').status.phase}")
#> reserved for nobody: Available
claim("scratch")
wait_for(gone, "Bound")
core.delete_namespaced_persistent_volume_claim(
    "scratch", NAMESPACE, _request_timeout=30
)
failed = wait_for(gone, "Failed")
why = failed.status.message.rpartition(": ")[2]
print(f"its claim deleted: {failed.status.phase}, {why}")
#> its claim deleted: Failed, no volume plugin matched
