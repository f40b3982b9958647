# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# stopped = ["metrics-server"]
#
# [tool.sandbox.only-with]
# components = [
#   "list pods", "create horizontalpodautoscalers", "get horizontalpodautoscalers"
# ]
# ///
"""Ask for metrics while metrics-server is stopped, and ask an autoscaler too."""

import time

from kubernetes import client, config

NAMESPACE = "overview-architecture"

config.load_kube_config()
apps = client.AppsV1Api()
autoscaling = client.AutoscalingV2Api()
custom = client.CustomObjectsApi()

try:
    custom.list_namespaced_custom_object(
        "metrics.k8s.io", "v1beta1", NAMESPACE, "pods", _request_timeout=10
    )
except client.ApiException as error:
    print(f"metrics.k8s.io: {error.status} {error.reason}")
    #> metrics.k8s.io: 503 Service Unavailable

hpa = client.V2HorizontalPodAutoscaler(
    metadata=client.V1ObjectMeta(name="web"),
    spec=client.V2HorizontalPodAutoscalerSpec(
        scale_target_ref=client.V2CrossVersionObjectReference(
            api_version="apps/v1", kind="Deployment", name="web"
        ),
        min_replicas=1,
        max_replicas=5,
        metrics=[
            client.V2MetricSpec(
                type="Resource",
                resource=client.V2ResourceMetricSource(
                    name="cpu",
                    target=client.V2MetricTarget(
                        type="Utilization", average_utilization=50
                    ),
                ),
            )
        ],
    ),
)
autoscaling.create_namespaced_horizontal_pod_autoscaler(
    NAMESPACE, hpa, _request_timeout=30
)

deadline = time.monotonic() + 60
while True:
    hpa = autoscaling.read_namespaced_horizontal_pod_autoscaler(
        "web", NAMESPACE, _request_timeout=10
    )
    conditions = {each.type: each for each in hpa.status.conditions or []}
    if "ScalingActive" in conditions:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"no word from the autoscaler in 60 s: {list(conditions)}")
    time.sleep(0.2)
active = conditions["ScalingActive"]
print(f"the autoscaler: {active.type} {active.status}, {active.reason}")
#> the autoscaler: ScalingActive False, FailedGetResourceMetric
web = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
print(f"replicas wanted, as before: {web.spec.replicas}")
#> replicas wanted, as before: 3
