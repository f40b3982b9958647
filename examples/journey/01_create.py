# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["metrics"]
# ///
"""Create a Deployment of two Pods and a Service, and wait until both serve."""

import time

from kubernetes import client, config

NAMESPACE = "overview-journey"

config.load_kube_config()
apps = client.AppsV1Api()
core = client.CoreV1Api()
discovery = client.DiscoveryV1Api()

container = client.V1Container(
    name="web",
    image="registry.k8s.io/e2e-test-images/agnhost:2.66.1",
    args=["netexec", "--http-port=8080"],
    resources=client.V1ResourceRequirements(requests={"cpu": "10m", "memory": "32Mi"}),
    readiness_probe=client.V1Probe(
        http_get=client.V1HTTPGetAction(path="/healthz", port=8080), period_seconds=1
    ),
)
labels = {"app": "web"}
apps.create_namespaced_deployment(
    NAMESPACE,
    client.V1Deployment(
        metadata=client.V1ObjectMeta(name="web"),
        spec=client.V1DeploymentSpec(
            replicas=2,
            selector=client.V1LabelSelector(match_labels=labels),
            template=client.V1PodTemplateSpec(
                metadata=client.V1ObjectMeta(labels=labels),
                spec=client.V1PodSpec(containers=[container]),
            ),
        ),
    ),
    _request_timeout=30,
)
core.create_namespaced_service(
    NAMESPACE,
    client.V1Service(
        metadata=client.V1ObjectMeta(name="web"),
        spec=client.V1ServiceSpec(
            selector=labels,
            ports=[client.V1ServicePort(port=80, target_port=8080)],
        ),
    ),
    _request_timeout=30,
)

deadline = time.monotonic() + 120
while True:
    web = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
    slices = discovery.list_namespaced_endpoint_slice(
        NAMESPACE,
        label_selector="kubernetes.io/service-name=web",
        _request_timeout=10,
    ).items
    ready = [e for s in slices for e in s.endpoints or [] if e.conditions.ready]
    if (web.status.available_replicas or 0) == 2 and len(ready) == 2:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"{len(ready)} ready, last seen: {web.status}")
    time.sleep(0.2)
print(f"{web.status.available_replicas} Pods, and {len(ready)} behind the Service")
#> 2 Pods, and 2 behind the Service
