# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["metrics"]
# ///
"""End the load, and see the autoscaler go back to its minimum, but not at once."""

import time

from kubernetes import client, config, utils, watch

NAMESPACE = "autoscaling"

config.load_kube_config()
core = client.CoreV1Api()
autoscaling = client.AutoscalingV2Api()


def use(metrics: dict) -> float:
    """Say how many CPUs a Pod uses."""
    return utils.parse_quantity(metrics["containers"][0]["usage"]["cpu"])


# All the load is work that one Pod does. The Pod that takes its place is idle.
metrics = utils.get_pods_metrics(core.api_client, NAMESPACE, "app=web")
busiest = max(metrics["items"], key=use)
before = autoscaling.read_namespaced_horizontal_pod_autoscaler("web", NAMESPACE)
core.delete_namespaced_pod(busiest["metadata"]["name"], NAMESPACE)
started = time.monotonic()
print("deleted the Pod that does the work")
#> deleted the Pod that does the work

held_back, replicas, reasons = False, None, {}
# A watch, so that no state is missed, however soon the next one follows.
for event in watch.Watch().stream(
    autoscaling.list_namespaced_horizontal_pod_autoscaler,
    NAMESPACE,
    field_selector="metadata.name=web",
    resource_version=before.metadata.resource_version,
    timeout_seconds=240,  # then the server ends the watch
    _request_timeout=245,  # for a server which has gone silent
):
    hpa = event["object"]
    reasons = {c.type: c.reason for c in hpa.status.conditions}
    replicas = hpa.status.current_replicas
    held_back = held_back or reasons["AbleToScale"] == "ScaleDownStabilized"
    at_minimum = reasons["ScalingLimited"] == "TooFewReplicas"
    if at_minimum and replicas == hpa.spec.min_replicas:
        break
else:
    raise TimeoutError(f"{replicas} Pods after 240 s, last seen: {reasons}")
took = time.monotonic() - started
window = hpa.spec.behavior.scale_down.stabilization_window_seconds
print(f"{replicas} Pods: the minimum is {hpa.spec.min_replicas}")
#> 2 Pods: the minimum is 2
print(f"ScalingLimited: {reasons['ScalingLimited']}")
#> ScalingLimited: TooFewReplicas
print(f"held back on the way (ScaleDownStabilized): {held_back}")
#> held back on the way (ScaleDownStabilized): True
print(f"took longer than the window of {window} s: {took > window}")
#> took longer than the window of 10 s: True
