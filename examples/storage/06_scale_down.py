# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Scale a StatefulSet down and delete it: what becomes of the claims?"""

import time

from kubernetes import client, config

NAMESPACE = "overview-storage"

config.load_kube_config()
core = client.CoreV1Api()
apps = client.AppsV1Api()


def claims() -> list[str]:
    """Name the claims of "db"."""
    found = core.list_namespaced_persistent_volume_claim(
        NAMESPACE, label_selector="app=db", _request_timeout=10
    ).items
    return sorted(each.metadata.name for each in found)


apps.patch_namespaced_stateful_set_scale(
    "db", NAMESPACE, {"spec": {"replicas": 1}}, _request_timeout=30
)
deadline = time.monotonic() + 120
while len(claims()) > 1:
    if time.monotonic() > deadline:
        raise TimeoutError(f"after 120 s there are still {claims()}")
    time.sleep(0.2)
print(f"scaled to 1: {claims()}")
#> scaled to 1: ['data-db-0']

apps.delete_namespaced_stateful_set(
    "db", NAMESPACE, propagation_policy="Foreground", _request_timeout=30
)
deadline = time.monotonic() + 120
while apps.list_namespaced_stateful_set(NAMESPACE, _request_timeout=10).items:
    if time.monotonic() > deadline:
        raise TimeoutError("after 120 s there is still db")
    time.sleep(0.2)
claim = core.read_namespaced_persistent_volume_claim(
    "data-db-0", NAMESPACE, _request_timeout=10
)
print(f"deleted: {claims()}, {claim.status.phase}")
#> deleted: ['data-db-0'], Bound
