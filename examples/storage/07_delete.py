# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete the claims, then the volumes, and wait until both are gone."""

import time

from kubernetes import client, config

NAMESPACE = "overview-storage"
DISKS = [f"{NAMESPACE}-disk-{number}" for number in [1, 2, 3, 4]]

config.load_kube_config()
core = client.CoreV1Api()


def is_there(disk: str) -> bool:
    """Say whether there is such a volume."""
    try:
        core.read_persistent_volume(disk, _request_timeout=10)
    except client.ApiException as error:
        if error.status != 404:
            raise
        return False
    return True


for name in ["data", "data-db-0"]:
    core.delete_namespaced_persistent_volume_claim(name, NAMESPACE, _request_timeout=30)
for disk in DISKS:
    core.delete_persistent_volume(disk, _request_timeout=30)

deadline = time.monotonic() + 120
while True:
    claims = core.list_namespaced_persistent_volume_claim(
        NAMESPACE, _request_timeout=10
    ).items
    left = [claim.metadata.name for claim in claims] + list(filter(is_there, DISKS))
    if not left:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"still there after 120 s: {', '.join(left)}")
    time.sleep(0.5)
print("claims and volumes are gone")
#> claims and volumes are gone
