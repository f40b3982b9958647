# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# ///
"""Change the limits of a container that runs, and see that it was not restarted."""

import time

from kubernetes import client, config

NAMESPACE = "overview-resources"

config.load_kube_config()
core = client.CoreV1Api()


def wait_for_limits(limits: dict[str, str], seconds: float) -> client.V1ContainerStatus:
    """Return the container's status once these limits are in force."""
    deadline = time.monotonic() + seconds
    while True:
        pod = core.read_namespaced_pod("limits-equal", NAMESPACE, _request_timeout=10)
        for status in pod.status.container_statuses or []:
            in_force = status.state.running and status.resources
            if in_force and in_force.limits == limits:
                return status
        if time.monotonic() > deadline:
            raise TimeoutError(
                f"after {seconds} s: {pod.status.container_statuses}, "
                f"{pod.status.conditions}"
            )
        time.sleep(0.5)


before = wait_for_limits({"cpu": "20m", "memory": "32Mi"}, seconds=120)
more = {"cpu": "20m", "memory": "64Mi"}
resources = {"requests": more, "limits": more}
patch = {"spec": {"containers": [{"name": "server", "resources": resources}]}}
core.patch_namespaced_pod_resize("limits-equal", NAMESPACE, patch, _request_timeout=30)
after = wait_for_limits(more, seconds=120)

for name, status in [("before", before), ("after", after)]:
    print(f"{name}: limits {status.resources.limits}")
    #> before: limits {'cpu': '20m', 'memory': '32Mi'}
    #> after: limits {'cpu': '20m', 'memory': '64Mi'}
same = after.container_id == before.container_id
print(f"the same container: {same}, restarts: {after.restart_count}")
#> the same container: True, restarts: 0
