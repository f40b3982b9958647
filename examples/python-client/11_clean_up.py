# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete what is left of what the programs made."""

import time

from kubernetes import client, config

NAMESPACE = "overview-python-client"
ONLY = {"namespace": NAMESPACE, "label_selector": "app=parts"}

config.load_kube_config()
core = client.CoreV1Api()

core.delete_collection_namespaced_config_map(**ONLY, _request_timeout=30)
deadline = time.monotonic() + 60
while left := core.list_namespaced_config_map(**ONLY, _request_timeout=10).items:
    if time.monotonic() > deadline:
        raise TimeoutError(f"still there: {[item.metadata.name for item in left]}")
    time.sleep(0.2)
print(f"{len(left)} left")
#> 0 left
