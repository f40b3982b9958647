# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Create a HorizontalPodAutoscaler, and read back what the API server added."""

from kubernetes import client, config

NAMESPACE = "overview-autoscaling"

config.load_kube_config()
autoscaling = client.AutoscalingV2Api()

hpa = client.V2HorizontalPodAutoscaler(
    metadata=client.V1ObjectMeta(name="web"),
    spec=client.V2HorizontalPodAutoscalerSpec(
        # Whose replicas it sets. There is no such Deployment yet, and that is fine.
        scale_target_ref=client.V2CrossVersionObjectReference(
            api_version="apps/v1", kind="Deployment", name="web"
        ),
        min_replicas=2,
        max_replicas=3,
        # All Pods together should use half of the CPU that they request.
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
        # Fewer Pods only after 10 s without a wish for more. Default: 300 s.
        behavior=client.V2HorizontalPodAutoscalerBehavior(
            scale_down=client.V2HPAScalingRules(stabilization_window_seconds=10)
        ),
    ),
)

created = autoscaling.create_namespaced_horizontal_pod_autoscaler(
    NAMESPACE, hpa, _request_timeout=30
)
up, down = created.spec.behavior.scale_up, created.spec.behavior.scale_down
for direction, rules in [("up", up), ("down", down)]:
    steps = [f"{p.value} {p.type} in {p.period_seconds} s" for p in rules.policies]
    window = f"window {rules.stabilization_window_seconds} s"
    print(f"{direction}: {window}, {rules.select_policy} of {steps}")
    #> up: window 0 s, Max of ['4 Pods in 15 s', '100 Percent in 15 s']
    #> down: window 10 s, Max of ['100 Percent in 15 s']
