# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["metrics"]
# ///
"""Create an autoscaler that finds the Pods too busy, and wait until there are four."""

import time

from kubernetes import client, config

NAMESPACE = "overview-journey"

config.load_kube_config()
autoscaling = client.AutoscalingV2Api()
discovery = client.DiscoveryV1Api()

# A Pod should use 256 KiB of memory on average. Any process uses more, so the
# autoscaler wants more Pods as soon as it has a measurement, without our making load.
memory = client.V2MetricSpec(
    type="Resource",
    resource=client.V2ResourceMetricSource(
        name="memory",
        target=client.V2MetricTarget(type="AverageValue", average_value="256Ki"),
    ),
)
autoscaling.create_namespaced_horizontal_pod_autoscaler(
    NAMESPACE,
    client.V2HorizontalPodAutoscaler(
        metadata=client.V1ObjectMeta(name="web"),
        spec=client.V2HorizontalPodAutoscalerSpec(
            scale_target_ref=client.V2CrossVersionObjectReference(
                api_version="apps/v1", kind="Deployment", name="web"
            ),
            min_replicas=2,
            max_replicas=4,
            metrics=[memory],
        ),
    ),
    _request_timeout=30,
)

deadline = time.monotonic() + 180
while True:
    hpa = autoscaling.read_namespaced_horizontal_pod_autoscaler(
        "web", NAMESPACE, _request_timeout=10
    )
    slices = discovery.list_namespaced_endpoint_slice(
        NAMESPACE,
        label_selector="kubernetes.io/service-name=web",
        _request_timeout=10,
    ).items
    ready = [e for s in slices for e in s.endpoints or [] if e.conditions.ready]
    if hpa.status.current_replicas == 4 and len(ready) == 4:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"{len(ready)} ready, last seen: {hpa.status.conditions}")
    time.sleep(0.2)
print(f"{len(ready)} Pods are ready behind the Service")
#> 4 Pods are ready behind the Service
