# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Let a StatefulSet claim a volume for each of its Pods, and replace a Pod."""

import time
from collections.abc import Callable

from kubernetes import client, config

NAMESPACE = "overview-storage"
CLASS = f"{NAMESPACE}-by-hand"

config.load_kube_config()
core = client.CoreV1Api()
apps = client.AppsV1Api()


def claims() -> dict[str, str]:
    """Say which volume each claim of "db" has."""
    found = core.list_namespaced_persistent_volume_claim(
        NAMESPACE, label_selector="app=db", _request_timeout=10
    ).items
    return {each.metadata.name: each.spec.volume_name for each in found}


def ready_pods() -> dict[str, str]:
    """Give the UIDs of the Pods of "db" that are ready, by their names."""
    found = core.list_namespaced_pod(
        NAMESPACE, label_selector="app=db", _request_timeout=10
    ).items
    return {
        pod.metadata.name: pod.metadata.uid
        for pod in found
        for condition in pod.status.conditions or []
        if condition.type == "Ready" and condition.status == "True"
    }


def wait(what: str, is_so: Callable[[], bool], seconds: float = 120) -> None:
    """Return as soon as something is so, or raise TimeoutError with its name."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not so after {seconds} s: {what}; claims {claims()}")
        time.sleep(0.2)


for number in [3, 4]:
    spec = core.read_persistent_volume(f"{NAMESPACE}-disk-1", _request_timeout=10).spec
    spec.claim_ref = None
    name = f"{NAMESPACE}-disk-{number}"
    core.create_persistent_volume(
        client.V1PersistentVolume(metadata=client.V1ObjectMeta(name=name), spec=spec),
        _request_timeout=30,
    )

labels = {"app": "db"}
container = {
    "name": "server",
    "image": "registry.k8s.io/e2e-test-images/agnhost:2.66.1",
    "args": ["netexec", "--http-port=8080"],
    "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
    "volumeMounts": [{"name": "data", "mountPath": "/data", "readOnly": True}],
}
claim_template = {
    "metadata": {"name": "data", "labels": labels},
    "spec": {
        "storageClassName": CLASS,
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "500Mi"}},
    },
}
db = {
    "metadata": {"name": "db"},
    "spec": {
        "replicas": 2,
        # A headless Service of this name would give each Pod a name in DNS.
        "serviceName": "db",
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [container]},
        },
        "volumeClaimTemplates": [claim_template],
        # What becomes of the claims. By default they stay in both cases.
        "persistentVolumeClaimRetentionPolicy": {
            "whenScaled": "Delete",
            "whenDeleted": "Retain",
        },
    },
}
apps.create_namespaced_stateful_set(
    NAMESPACE, db, field_validation="Strict", _request_timeout=30
)
wait("two Pods are ready", lambda: len(ready_pods()) == 2)
first, volumes = ready_pods()["db-0"], claims()
print(f"claims: {sorted(volumes)}, of as many volumes: {len(set(volumes.values()))}")
#> claims: ['data-db-0', 'data-db-1'], of as many volumes: 2

core.delete_namespaced_pod("db-0", NAMESPACE, _request_timeout=30)
wait("another db-0 is ready", lambda: ready_pods().get("db-0", first) != first)
print(f"db-0 is another Pod and has the same volume: {claims() == volumes}")
#> db-0 is another Pod and has the same volume: True
