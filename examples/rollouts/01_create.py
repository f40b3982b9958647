# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Create a Deployment that says how to update it, and why this version exists."""

import time

from kubernetes import client, config

NAMESPACE = "overview-rollouts"

config.load_kube_config()
apps = client.AppsV1Api()

container = client.V1Container(
    name="server",
    image="registry.k8s.io/e2e-test-images/agnhost:2.63.0",
    args=["netexec", "--http-port=8080"],
    resources=client.V1ResourceRequirements(requests={"cpu": "10m", "memory": "32Mi"}),
    # Without a probe a Pod counts as soon as its process runs, ready or not.
    readiness_probe=client.V1Probe(
        http_get=client.V1HTTPGetAction(path="/healthz", port=8080),
        period_seconds=1,
    ),
)
deployment = client.V1Deployment(
    metadata=client.V1ObjectMeta(
        name="web",
        # The history shows this text for as long as the revision is kept.
        annotations={"kubernetes.io/change-cause": "first version, agnhost 2.63.0"},
    ),
    spec=client.V1DeploymentSpec(
        replicas=4,
        strategy=client.V1DeploymentStrategy(
            type="RollingUpdate",
            # While it is updated: one Pod too many and one too few, no more.
            rolling_update=client.V1RollingUpdateDeployment(
                max_surge=1, max_unavailable=1
            ),
        ),
        selector=client.V1LabelSelector(match_labels={"app": "web"}),
        template=client.V1PodTemplateSpec(
            metadata=client.V1ObjectMeta(labels={"app": "web"}),
            spec=client.V1PodSpec(containers=[container]),
        ),
    ),
)
apps.create_namespaced_deployment(NAMESPACE, deployment, _request_timeout=30)

deadline = time.monotonic() + 120
while True:
    web = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
    available = web.status.available_replicas or 0  # None at zero
    if available == web.spec.replicas:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"{available} of {web.spec.replicas} available after 120 s")
    time.sleep(0.2)

print("revision:", web.metadata.annotations["deployment.kubernetes.io/revision"])
#> revision: 1
print("available replicas:", available)
#> available replicas: 4
print("revisions kept besides this one:", web.spec.revision_history_limit)
#> revisions kept besides this one: 10
print("seconds without progress until it says so:", web.spec.progress_deadline_seconds)
#> seconds without progress until it says so: 600
