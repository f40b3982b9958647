# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["metrics"]
# ///
"""Read an autoscaler's conditions aloud: why doesn't it scale?"""

import time

from kubernetes import client, config

NAMESPACE = "overview-autoscaling"

config.load_kube_config()
autoscaling = client.AutoscalingV2Api()

# The reasons that the controller gives, in words.
MEANING = {
    # AbleToScale: can it read and write its target's replicas?
    "SucceededGetScale": "it can read its target",
    "FailedGetScale": "it cannot read its target",
    "FailedUpdateScale": "it cannot write to its target",
    "SucceededRescale": "it has just changed the number of replicas",
    "ReadyForNewScale": "nothing holds it back",
    "ScaleUpStabilized": "it waits: not long ago, fewer Pods would have done",
    "ScaleDownStabilized": "it waits: not long ago, more Pods were needed",
    # ScalingActive: can it compute a number?
    "ValidMetricFound": "it has a metric to compute with",
    "FailedGetResourceMetric": "no metrics for its Pods yet",
    "ScalingDisabled": "its target was set to 0 replicas, which switches it off",
    # ScalingLimited: is this number out of bounds?
    "DesiredWithinRange": "it gets as many Pods as it wants",
    "TooManyReplicas": "it wants more than maxReplicas",
    "TooFewReplicas": "it wants fewer than minReplicas",
    "ScaleUpLimit": "it may not add Pods as fast as it wants",
    "ScaleDownLimit": "it may not remove Pods as fast as it wants",
}


def explain(hpa: client.V2HorizontalPodAutoscaler) -> dict[str, str]:
    """Say in words what each condition of an autoscaler means, by its type."""
    words = {}
    for condition in hpa.status.conditions or []:
        if condition.type == "ScaledToZero":
            continue  # by default since 1.37, and about another question
        meaning = MEANING.get(condition.reason, condition.message)
        # One reason, several causes: only the message tells them apart.
        if "missing pod-level request" in condition.message:
            meaning = "the Pod as a whole doesn't say how much CPU it requests"
        elif "missing request" in condition.message:
            meaning = "a container doesn't say how much CPU it requests"
        elif "unable to fetch metrics" in condition.message:
            meaning = "nothing answers for metrics.k8s.io: is metrics-server there?"
        words[condition.type] = meaning
    return words


deadline = time.monotonic() + 180
while True:
    hpa = autoscaling.read_namespaced_horizontal_pod_autoscaler(
        "web", NAMESPACE, _request_timeout=10
    )
    words = explain(hpa)
    if "request" in words.get("ScalingActive", ""):
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"metrics should have come in 180 s, last seen: {words}")
    time.sleep(0.5)
for type_, meaning in words.items():
    print(f"{type_}: {meaning}")
    #> AbleToScale: it can read its target
    #> ScalingActive: a container doesn't say how much CPU it requests
