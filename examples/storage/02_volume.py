# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Bring a volume, as an administrator would, and see the claim get it."""

import time

from kubernetes import client, config

NAMESPACE = "overview-storage"
CLASS = f"{NAMESPACE}-by-hand"

config.load_kube_config()
core = client.CoreV1Api()

claim = core.read_namespaced_persistent_volume_claim(
    "data", NAMESPACE, _request_timeout=10
)
volume = client.V1PersistentVolume(
    # In no namespace: the name is the whole cluster's.
    metadata=client.V1ObjectMeta(name=f"{NAMESPACE}-disk-1"),
    spec=client.V1PersistentVolumeSpec(
        storage_class_name=CLASS,
        capacity={"storage": "1Gi"},
        access_modes=["ReadWriteOnce"],
        persistent_volume_reclaim_policy="Retain",
        # A directory that every Linux system has, usually empty.
        local=client.V1LocalVolumeSource(path="/mnt"),
        # On which nodes it can be used. A real local disk is on one.
        node_affinity=client.V1VolumeNodeAffinity(
            required=client.V1NodeSelector(
                node_selector_terms=[
                    client.V1NodeSelectorTerm(
                        match_expressions=[
                            client.V1NodeSelectorRequirement(
                                key="kubernetes.io/hostname", operator="Exists"
                            )
                        ]
                    )
                ]
            )
        ),
        # For this claim only. Without it, any claim of the class could take it.
        claim_ref=client.V1ObjectReference(
            api_version="v1",
            kind="PersistentVolumeClaim",
            namespace=NAMESPACE,
            name="data",
            uid=claim.metadata.uid,
        ),
    ),
)
core.create_persistent_volume(volume, _request_timeout=30)

deadline = time.monotonic() + 60
while claim.status.phase != "Bound":
    if time.monotonic() > deadline:
        raise TimeoutError(f"data, after 60 s: {claim.status.phase}")
    time.sleep(0.2)
    claim = core.read_namespaced_persistent_volume_claim(
        "data", NAMESPACE, _request_timeout=10
    )
wanted, got = claim.spec.resources.requests, claim.status.capacity
print(f"data: {claim.status.phase} to {claim.spec.volume_name}")
#> data: Bound to overview-storage-disk-1
print(f"asked for {wanted['storage']}, got {got['storage']}")
#> asked for 500Mi, got 1Gi
print(f"held by {claim.metadata.finalizers}")
#> held by ['kubernetes.io/pvc-protection']

found = core.read_persistent_volume(claim.spec.volume_name, _request_timeout=10)
to = found.spec.claim_ref
print(f"{found.metadata.name}: {found.status.phase} to {to.namespace}/{to.name}")
#> overview-storage-disk-1: Bound to overview-storage/data
