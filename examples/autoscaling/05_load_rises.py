# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["metrics"]
# [tool.sandbox.only-with]
# containers = ["create pods/proxy"]
# simulated-nodes = ["patch pods"]
# ///
"""Put load on one Pod, and see the autoscaler add Pods up to its maximum."""

import time

from kubernetes import client, config

NAMESPACE = "overview-autoscaling"
REQUEST = 50  # thousandths of a CPU, for each Pod
LOAD = 150  # of which 84 would do: three Pods at more than 1.1 times the target

config.load_kube_config()
core = client.CoreV1Api()
autoscaling = client.AutoscalingV2Api()


def put_load_on(pod: client.V1Pod, millicores: int, seconds: int) -> None:
    """Make a Pod use CPU time: really, or on a simulated node by saying so."""
    if pod.status.container_statuses[0].container_id:
        path = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod.metadata.name}/proxy"
        request = core.api_client.param_serialize(
            "POST",
            f"{path}/ConsumeCPU",
            query_params=[("millicores", millicores), ("durationSec", seconds)],
            auth_settings=["BearerToken"],
        )
        response = core.api_client.call_api(*request, _request_timeout=10)
        if response.status != 200:
            raise RuntimeError(f"ConsumeCPU: {response.status} {response.reason}")
    else:
        # It runs, but no container runtime has given it an ID: KWOK plays the
        # kubelet here, and reports the use that this annotation names.
        use = {"kwok.x-k8s.io/usage-cpu": f"{millicores}m"}
        core.patch_namespaced_pod(
            pod.metadata.name,
            NAMESPACE,
            {"metadata": {"annotations": use}},
            _request_timeout=30,
        )


pods = core.list_namespaced_pod(
    NAMESPACE, label_selector="app=web", _request_timeout=10
).items
put_load_on(pods[0], LOAD, seconds=600)
print(f"one Pod is told to use {LOAD}m, {LOAD // REQUEST} times what it requests")
#> one Pod is told to use 150m, 3 times what it requests

deadline = time.monotonic() + 180
while True:
    hpa = autoscaling.read_namespaced_horizontal_pod_autoscaler(
        "web", NAMESPACE, _request_timeout=10
    )
    reasons = {c.type: c.reason for c in hpa.status.conditions or []}
    replicas = hpa.status.current_replicas
    if replicas == 3 and reasons.get("ScalingLimited") == "TooManyReplicas":
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"{replicas} Pods after 180 s, last seen: {reasons}")
    time.sleep(0.5)
print(f"{replicas} Pods: the maximum is {hpa.spec.max_replicas}")
#> 3 Pods: the maximum is 3
print(f"ScalingActive: {reasons['ScalingActive']}")
#> ScalingActive: ValidMetricFound
print(f"ScalingLimited: {reasons['ScalingLimited']}")
#> ScalingLimited: TooManyReplicas
