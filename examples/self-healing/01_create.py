# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Create a Deployment of three Pods to take away from, and wait until they are up."""

import time

from kubernetes import client, config

NAMESPACE = "overview-self-healing"

config.load_kube_config()
apps = client.AppsV1Api()

labels = {"app": "web"}
container = client.V1Container(
    name="server",
    image="registry.k8s.io/e2e-test-images/agnhost:2.66.1",
    args=["netexec", "--http-port=8080"],
    resources=client.V1ResourceRequirements(requests={"cpu": "10m", "memory": "32Mi"}),
    readiness_probe=client.V1Probe(
        http_get=client.V1HTTPGetAction(path="/healthz", port=8080),
        period_seconds=1,
    ),
)
apps.create_namespaced_deployment(
    NAMESPACE,
    client.V1Deployment(
        metadata=client.V1ObjectMeta(name="web"),
        spec=client.V1DeploymentSpec(
            replicas=3,
            selector=client.V1LabelSelector(match_labels=labels),
            template=client.V1PodTemplateSpec(
                metadata=client.V1ObjectMeta(labels=labels),
                spec=client.V1PodSpec(containers=[container]),
            ),
        ),
    ),
    _request_timeout=30,
)

deadline = time.monotonic() + 120
while True:
    status = apps.read_namespaced_deployment(
        "web", NAMESPACE, _request_timeout=10
    ).status
    available = status.available_replicas or 0
    if available == 3:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"{available} of 3 Pods are available after 120 s")
    time.sleep(0.5)
print(f"available: {available}")
#> available: 3
