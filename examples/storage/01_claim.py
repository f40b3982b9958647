# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Claim storage of a class that nobody provides, and find out why nothing comes."""

import time

from kubernetes import client, config

NAMESPACE = "overview-storage"
CLASS = f"{NAMESPACE}-by-hand"  # there is no StorageClass of this name

config.load_kube_config()
core = client.CoreV1Api()

claim = client.V1PersistentVolumeClaim(
    metadata=client.V1ObjectMeta(name="data"),
    spec=client.V1PersistentVolumeClaimSpec(
        storage_class_name=CLASS,
        access_modes=["ReadWriteOnce"],
        resources=client.V1VolumeResourceRequirements(requests={"storage": "500Mi"}),
    ),
)
made = core.create_namespaced_persistent_volume_claim(
    NAMESPACE, claim, _request_timeout=30
)
print(f"data: {made.status.phase}, volume {made.spec.volume_name}")
#> data: Pending, volume None

# A claim says that it is pending. Only its Events say why.
about = f"involvedObject.uid={made.metadata.uid}"
deadline = time.monotonic() + 60
while not (
    events := core.list_namespaced_event(
        NAMESPACE, field_selector=about, _request_timeout=10
    ).items
):
    if time.monotonic() > deadline:
        raise TimeoutError("no Event about the claim after 60 s")
    time.sleep(0.5)
print(f"{events[0].type}, {events[0].reason}")
#> Warning, ProvisioningFailed
print(events[0].message)
#> storageclass.storage.k8s.io "overview-storage-by-hand" not found
