# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete the Deployment, then what its Pods were using."""

import time

from kubernetes import client, config

NAMESPACE = "overview-configuration"

config.load_kube_config()
core = client.CoreV1Api()
apps = client.AppsV1Api()

apps.delete_namespaced_deployment(
    "web", NAMESPACE, propagation_policy="Background", _request_timeout=30
)
deadline = time.monotonic() + 120
while left := core.list_namespaced_pod(NAMESPACE, _request_timeout=10).items:
    if time.monotonic() > deadline:
        names = ", ".join(pod.metadata.name for pod in left)
        raise TimeoutError(f"still there after 120 s: {names}")
    time.sleep(0.5)

# Nobody looks whether they are in use: the order is ours to keep.
for name in ["settings", "fixed", "settings-5f54d0cd", "settings-aff6ca99"]:
    core.delete_namespaced_config_map(name, NAMESPACE, _request_timeout=30)
for name in ["login", "others"]:
    core.delete_namespaced_secret(name, NAMESPACE, _request_timeout=30)
print("Deployment, ConfigMaps and Secrets are gone")
#> Deployment, ConfigMaps and Secrets are gone
