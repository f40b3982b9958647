# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete what is left: three ConfigMaps, and the Secret that a token was tied to."""

import time

from kubernetes import client, config

NAMESPACE = "overview-connect"
NEWS = {"namespace": NAMESPACE, "label_selector": "app=news"}

config.load_kube_config()
core = client.CoreV1Api()

core.delete_collection_namespaced_config_map(**NEWS, _request_timeout=30)
deadline = time.monotonic() + 30
while left := core.list_namespaced_config_map(**NEWS, _request_timeout=10).items:
    if time.monotonic() > deadline:
        raise TimeoutError(f"still there: {[item.metadata.name for item in left]}")
    time.sleep(0.2)
print(f"ConfigMaps left: {len(left)}")
#> ConfigMaps left: 0

core.delete_namespaced_secret("session-2", NAMESPACE, _request_timeout=10)
try:
    core.delete_namespaced_secret("session-2", NAMESPACE, _request_timeout=10)
except client.ApiException as error:
    print(f"session-2, once more: {error.status} {error.reason}")
    #> session-2, once more: 404 Not Found
