# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["metrics"]
# ///
"""Lift the autoscaler's limits, and compute what it decides from there on."""

import math
import sys

from kubernetes import client, config, utils, watch

NAMESPACE = "overview-autoscaling"
TARGET = 50  # percent of the request
REQUEST = 50  # thousandths of a CPU, for each Pod
MOST = 8  # Pods

config.load_kube_config()
core = client.CoreV1Api()
custom = client.CustomObjectsApi()
autoscaling = client.AutoscalingV2Api()


def samples() -> list[int | None]:
    """Read each Pod's use in thousandths of a CPU, oldest Pod first.

    None stands for a Pod of which there is no sample yet.
    """
    metrics = custom.list_namespaced_custom_object(
        "metrics.k8s.io",
        "v1beta1",
        NAMESPACE,
        "pods",
        label_selector="app=web",
        _request_timeout=10,
    )
    use = {
        item["metadata"]["name"]: math.ceil(
            1000 * utils.parse_quantity(item["containers"][0]["usage"]["cpu"])
        )
        for item in metrics["items"]
    }
    pods = core.list_namespaced_pod(
        NAMESPACE, label_selector="app=web", _request_timeout=10
    ).items
    pods.sort(key=lambda pod: pod.metadata.creation_timestamp)
    return [use.get(pod.metadata.name) for pod in pods]


def utilisation(use: list[int | None]) -> int:
    """Compute what measured Pods use, in percent of their requests, rounded down."""
    measured = [u for u in use if u is not None]
    return sum(measured) * 100 // (max(len(measured), 1) * REQUEST)


def desired(use: list[int | None]) -> int:
    """Compute the number of Pods that an autoscaler wants, up to its maximum.

    As in "Algorithm details" of the documentation, for Pods which are all ready:
    https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/
    """
    ratio = utilisation(use) / TARGET
    if None in use:
        # Assume what changes least: nothing used if Pods are to be added, all that
        # is requested if they are to go. Should that turn the tide, change nothing.
        growing = ratio > 1
        assumed = 0 if growing else REQUEST
        ratio = utilisation([assumed if u is None else u for u in use]) / TARGET
        if growing != (ratio > 1):
            return len(use)
    if 0.9 <= ratio <= 1.1:  # within the tolerance
        return len(use)
    return min(math.ceil(len(use) * ratio), MOST)


before = samples()
# The pace as well: by default it adds 4 Pods at once, or as many as there are.
pace = {"type": "Pods", "value": MOST, "periodSeconds": 15}
limits = {"maxReplicas": MOST, "behavior": {"scaleUp": {"policies": [pace]}}}
patched = autoscaling.patch_namespaced_horizontal_pod_autoscaler(
    "web", NAMESPACE, {"spec": limits}, _request_timeout=30
)
decisions, most = [], 0
status = None
for event in watch.Watch().stream(
    autoscaling.list_namespaced_horizontal_pod_autoscaler,
    NAMESPACE,
    field_selector="metadata.name=web",
    resource_version=patched.metadata.resource_version,
    timeout_seconds=180,  # then the server ends the watch
    _request_timeout=185,  # for a server which has gone silent
):
    # Each change of the status is one decision, and the average behind it.
    status = event["object"].status
    reasons = [c.reason for c in status.conditions or []]
    # Where it got no metrics, there is no list, or an entry without a resource.
    measured = status.current_metrics[0].resource if status.current_metrics else None
    if not measured or "ScaleDownStabilized" in reasons:
        continue  # it had none; or it wants fewer Pods, and waits
    theirs = measured.current.average_utilization
    current, wanted = status.current_replicas, status.desired_replicas
    # It decided by the samples of a moment ago or by those of now: the average tells.
    now = samples()
    readings = [use[:current] for use in (before, now) if len(use) >= current]
    before = now
    use = next((use for use in readings if utilisation(use) == theirs), None)
    if use is None:
        continue  # they have changed once more
    ours = desired(use)
    decisions.append((ours, wanted))
    most = max(most, current)
    # Not compared: how many Pods there are depends on what the machine measures.
    found = f"{current} Pods, {theirs} %: {ours} by the formula, {wanted} wanted"
    sys.stderr.write(f"{found}\n")
    if current == wanted and most > 3 and None not in use:
        break
else:
    raise TimeoutError(f"not at rest after 180 s, last seen: {status}")

same = all(ours == wanted for ours, wanted in decisions)
print(f"the formula says what the autoscaler decides: {same}")
#> the formula says what the autoscaler decides: True
print("at rest, after it had more than the 3 Pods that were allowed before")
#> at rest, after it had more than the 3 Pods that were allowed before
print("their average utilisation is the one that the autoscaler has, too")
#> their average utilisation is the one that the autoscaler has, too
