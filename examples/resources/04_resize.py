# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Give the Pod that is too big another size, without deleting it."""

import json
import textwrap
import time

from kubernetes import client, config

NAMESPACE = "overview-resources"

config.load_kube_config()
core = client.CoreV1Api()


def patch(requests: dict[str, str], limits: dict[str, str]) -> dict:
    """Describe the change: the container is found by its name."""
    resources = {"requests": requests, "limits": limits}
    return {"spec": {"containers": [{"name": "server", "resources": resources}]}}


small = {"cpu": "10m", "memory": "32Mi"}
huge = core.read_namespaced_pod("huge", NAMESPACE, _request_timeout=10)

for what, write, body in [
    ("as any other field", core.patch_namespaced_pod, patch(small, small)),
    (
        "another class",
        core.patch_namespaced_pod_resize,
        patch(small, {"cpu": "20m", "memory": "32Mi"}),
    ),
    ("its own subresource", core.patch_namespaced_pod_resize, patch(small, small)),
]:
    try:
        pod = write("huge", NAMESPACE, body, _request_timeout=30)
        answer = f"accepted, {pod.spec.containers[0].resources.requests}"
    except client.ApiException as error:
        [cause, *_] = json.loads(error.body)["details"]["causes"]
        message = cause["message"].splitlines()[0].rpartition(": ")[2]
        answer = f"{error.status}, {textwrap.shorten(message, 50)}"
    print(f"{what}: {answer}")
    #> as any other field: 422, pod updates may not change fields other than [...]
    #> another class: 422, Pod QOS Class may not change as a result of [...]
    #> its own subresource: accepted, {'cpu': '10m', 'memory': '32Mi'}

deadline = time.monotonic() + 120
while True:
    pod = core.read_namespaced_pod("huge", NAMESPACE, _request_timeout=10)
    if pod.status.phase == "Running":
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"huge: still {pod.status.phase} after 120 s")
    time.sleep(0.5)
same = pod.metadata.uid == huge.metadata.uid
print(f"the Pod fits now, and runs; it is the same one: {same}")
#> the Pod fits now, and runs; it is the same one: True
