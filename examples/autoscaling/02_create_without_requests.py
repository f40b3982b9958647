# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Create a Deployment that leaves two things out: replicas and requests."""

import time

from kubernetes import client, config

NAMESPACE = "overview-autoscaling"

config.load_kube_config()
apps = client.AppsV1Api()
autoscaling = client.AutoscalingV2Api()

container = client.V1Container(
    name="web",
    # A server that uses as much CPU as it is asked to.
    image="registry.k8s.io/e2e-test-images/resource-consumer:1.14",
    ports=[client.V1ContainerPort(container_port=8080)],
    readiness_probe=client.V1Probe(
        tcp_socket=client.V1TCPSocketAction(port=8080), period_seconds=1
    ),
)
labels = {"app": "web"}
deployment = client.V1Deployment(
    metadata=client.V1ObjectMeta(name="web", labels=labels),
    spec=client.V1DeploymentSpec(
        # No replicas: their number is the autoscaler's business.
        selector=client.V1LabelSelector(match_labels=labels),
        template=client.V1PodTemplateSpec(
            metadata=client.V1ObjectMeta(labels=labels),
            spec=client.V1PodSpec(containers=[container]),
        ),
    ),
)

created = apps.create_namespaced_deployment(NAMESPACE, deployment, _request_timeout=30)
print(f"replicas: {created.spec.replicas}")
#> replicas: 1
print(f"requests: {created.spec.template.spec.containers[0].resources.requests}")
#> requests: None

# What does the autoscaler make of it?
deadline = time.monotonic() + 60
while True:
    hpa = autoscaling.read_namespaced_horizontal_pod_autoscaler(
        "web", NAMESPACE, _request_timeout=10
    )
    conditions = {c.type: c for c in hpa.status.conditions or []}
    if active := conditions.get("ScalingActive"):
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"no ScalingActive after 60 s, last seen: {conditions}")
    time.sleep(0.5)
print(f"the autoscaler: {hpa.status.current_replicas} Pods")
#> the autoscaler: 2 Pods
print(f"ScalingActive: {active.status}, {active.reason}")
#> ScalingActive: False, FailedGetResourceMetric
