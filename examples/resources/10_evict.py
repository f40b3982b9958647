# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Ask a Pod to go, by an eviction."""

import time

from kubernetes import client, config, watch

NAMESPACE = "overview-resources"

config.load_kube_config()
core = client.CoreV1Api()

before = core.list_namespaced_pod(NAMESPACE, _request_timeout=10)
eviction = client.V1Eviction(metadata=client.V1ObjectMeta(name="nothing"))
deadline = time.monotonic() + 120
while True:
    try:
        core.create_namespaced_pod_eviction(
            "nothing", NAMESPACE, eviction, _request_timeout=30
        )
        break
    except client.ApiException as error:
        # 429, Too Many Requests: a disruption budget does not allow it now.
        if error.status != 429 or time.monotonic() > deadline:
            raise
    time.sleep(1)

# What becomes of the Pod from here on.
stream = watch.Watch().stream(
    core.list_namespaced_pod,
    NAMESPACE,
    field_selector="metadata.name=nothing",
    resource_version=before.metadata.resource_version,
    timeout_seconds=120,
    _request_timeout=125,  # for a server which has gone silent
)
pod = None
for event in stream:
    pod = event["object"]
    if event["type"] == "DELETED":
        break
else:
    raise TimeoutError(f"nothing is not gone after 120 s: {pod and pod.status}")

[target] = [c for c in pod.status.conditions if c.type == "DisruptionTarget"]
print(f"gone: {target.type}, {target.reason}")
#> gone: DisruptionTarget, EvictionByEvictionAPI
