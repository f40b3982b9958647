# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["metrics"]
# ///
"""Raise the maximum, and compute what the autoscaler decides from there on."""

import math

from kubernetes import client, config, utils, watch

NAMESPACE = "autoscaling"
TARGET = 50  # percent of the request
REQUEST = 100  # thousandths of a CPU, for each Pod

config.load_kube_config()
core = client.CoreV1Api()
autoscaling = client.AutoscalingV2Api()


def samples() -> list[int | None]:
    """Read each Pod's use in thousandths of a CPU, oldest Pod first.

    None stands for a Pod of which there is no sample yet.
    """
    metrics = utils.get_pods_metrics(core.api_client, NAMESPACE, "app=web")
    use = {
        item["metadata"]["name"]: math.ceil(
            1000 * utils.parse_quantity(item["containers"][0]["usage"]["cpu"])
        )
        for item in metrics["items"]
    }
    pods = core.list_namespaced_pod(NAMESPACE, label_selector="app=web").items
    pods.sort(key=lambda pod: pod.metadata.creation_timestamp)
    return [use.get(pod.metadata.name) for pod in pods]


def utilisation(use: list[int]) -> int:
    """Compute the use of all Pods in percent of their requests, rounded down."""
    return sum(use) * 100 // (len(use) * REQUEST)


def desired(use: list[int | None]) -> int:
    """Compute the number of Pods that an autoscaler wants, before its limits.

    As in "Algorithm details" of the documentation, for Pods which are all ready:
    https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/
    """
    ratio = utilisation([u for u in use if u is not None]) / TARGET
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
    return math.ceil(len(use) * ratio)


patched = autoscaling.patch_namespaced_horizontal_pod_autoscaler(
    "web", NAMESPACE, {"spec": {"maxReplicas": 5}}
)
decisions = []
status = None
for event in watch.Watch().stream(
    autoscaling.list_namespaced_horizontal_pod_autoscaler,
    NAMESPACE,
    field_selector="metadata.name=web",
    resource_version=patched.metadata.resource_version,
    timeout_seconds=120,  # then the server ends the watch
    _request_timeout=125,  # for a server which has gone silent
):
    # Each change of the status is one decision, and the average behind it.
    status = event["object"].status
    if not status.current_metrics:
        continue  # no metrics this time, so no decision from them either
    use = samples()[: status.current_replicas]
    decision = (status.current_replicas, desired(use), status.desired_replicas)
    if decision not in decisions:
        decisions.append(decision)
    theirs = status.current_metrics[0].resource.current.average_utilization
    if len(use) == 4 and None not in use and utilisation(use) == theirs:
        break
else:
    raise TimeoutError(f"4 Pods not measured after 120 s, last seen: {status}")

for current, ours, theirs in decisions:
    print(f"{current} Pods: the formula says {ours}, the autoscaler {theirs}")
    #> 3 Pods: the formula says 4, the autoscaler 4
    #> 4 Pods: the formula says 4, the autoscaler 4
print("their average utilisation is the one that the autoscaler has, too")
#> their average utilisation is the one that the autoscaler has, too
