# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["metrics"]
# ///
"""End the load, and see the autoscaler go back to its minimum, but not at once."""

from kubernetes import client, config, utils, watch

NAMESPACE = "overview-autoscaling"

config.load_kube_config()
core = client.CoreV1Api()
custom = client.CustomObjectsApi()
autoscaling = client.AutoscalingV2Api()


def use(metrics: dict) -> float:
    """Say how many CPUs a Pod uses."""
    return utils.parse_quantity(metrics["containers"][0]["usage"]["cpu"])


deleted, held_at = False, set()
replicas, reasons = None, {}
# A watch, so that no state is missed, however soon the next one follows.
for event in watch.Watch().stream(
    autoscaling.list_namespaced_horizontal_pod_autoscaler,
    NAMESPACE,
    field_selector="metadata.name=web",
    timeout_seconds=240,  # then the server ends the watch
    _request_timeout=245,  # for a server which has gone silent
):
    hpa = event["object"]
    reasons = {c.type: c.reason for c in hpa.status.conditions}
    replicas = hpa.status.current_replicas
    held_back = reasons["AbleToScale"] == "ScaleDownStabilized"
    if not deleted:
        # Not while it is about to remove Pods, as where a machine is too busy to do
        # all of the work.
        if held_back or replicas == hpa.spec.min_replicas:
            continue
        # All the load is work that one Pod does. The one in its place is idle.
        metrics = custom.list_namespaced_custom_object(
            "metrics.k8s.io",
            "v1beta1",
            NAMESPACE,
            "pods",
            label_selector="app=web",
            _request_timeout=10,
        )
        busiest = max(metrics["items"], key=use)
        core.delete_namespaced_pod(
            busiest["metadata"]["name"], NAMESPACE, _request_timeout=30
        )
        deleted = True
        print("deleted the Pod that does the work")
        #> deleted the Pod that does the work
        continue
    if held_back:
        held_at.add(replicas)
    at_minimum = reasons["ScalingLimited"] == "TooFewReplicas"
    if at_minimum and replicas == hpa.spec.min_replicas:
        break
else:
    raise TimeoutError(f"{replicas} Pods after 240 s, last seen: {reasons}")
print(f"{replicas} Pods: the minimum is {hpa.spec.min_replicas}")
#> 2 Pods: the minimum is 2
print(f"ScalingLimited: {reasons['ScalingLimited']}")
#> ScalingLimited: TooFewReplicas
window = hpa.spec.behavior.scale_down.stabilization_window_seconds
more = any(number > replicas for number in held_at)
print(f"kept at more for the window of {window} s (ScaleDownStabilized): {more}")
#> kept at more for the window of 10 s (ScaleDownStabilized): True
