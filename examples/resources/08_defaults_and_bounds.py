# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Give a namespace a LimitRange: defaults for what is left out, and bounds."""

import json
import time

from kubernetes import client, config

NAMESPACE = "overview-resources"

config.load_kube_config()
core = client.CoreV1Api()

core.create_namespaced_limit_range(
    NAMESPACE,
    client.V1LimitRange(
        metadata=client.V1ObjectMeta(name="containers"),
        spec=client.V1LimitRangeSpec(
            limits=[
                client.V1LimitRangeItem(
                    type="Container",
                    default_request={"cpu": "10m", "memory": "32Mi"},
                    default={"cpu": "50m", "memory": "64Mi"},
                    max={"cpu": "500m", "memory": "1Gi"},
                )
            ]
        ),
    ),
    _request_timeout=30,
)


def try_out(**resources: dict[str, str]) -> client.V1Pod:
    """Have a Pod checked and completed by the API server, and not created."""
    container = client.V1Container(
        name="server",
        image="registry.k8s.io/e2e-test-images/agnhost:2.66.1",
        resources=client.V1ResourceRequirements(**resources),
    )
    pod = client.V1Pod(
        metadata=client.V1ObjectMeta(name="tried"),
        spec=client.V1PodSpec(containers=[container]),
    )
    return core.create_namespaced_pod(
        NAMESPACE, pod, dry_run="All", _request_timeout=30
    )


# The API server looks rules up in a cache, so a new one holds a moment later.
deadline = time.monotonic() + 60
while not (pod := try_out()).spec.containers[0].resources.requests:
    if time.monotonic() > deadline:
        raise TimeoutError("no defaults after 60 s")
    time.sleep(0.2)
filled = pod.spec.containers[0].resources
print(f"nothing said: {pod.status.qos_class}")
#> nothing said: Burstable
print(f"requests {filled.requests}")
#> requests {'cpu': '10m', 'memory': '32Mi'}
print(f"limits {filled.limits}")
#> limits {'cpu': '50m', 'memory': '64Mi'}

for resources in [
    {"requests": {"cpu": "1"}, "limits": {"cpu": "1"}},
    {"requests": {"cpu": "100m"}},
]:
    try:
        try_out(**resources)
    except client.ApiException as error:
        message = json.loads(error.body)["message"].rpartition(": ")[2]
        print(f"{resources['requests']}: {error.status}, {message}")
        #> {'cpu': '1'}: 403, maximum cpu usage per Container is 500m, but limit is 1
        #> {'cpu': '100m'}: 422, must be less than or equal to cpu limit of 50m

core.delete_namespaced_limit_range("containers", NAMESPACE, _request_timeout=30)
