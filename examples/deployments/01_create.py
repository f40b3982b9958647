# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Create two Deployments, and look at what the API server answers."""

import json

from kubernetes import client, config

NAMESPACE = "overview-deployments"

config.load_kube_config()
apps = client.AppsV1Api()


def deployment(name: str, labels: dict[str, str]) -> client.V1Deployment:
    """Describe two replicas of a small web server which answers on port 8080."""
    container = client.V1Container(
        name="server",
        image="registry.k8s.io/e2e-test-images/agnhost:2.63.0",
        args=["netexec", "--http-port=8080"],
        ports=[client.V1ContainerPort(container_port=8080)],
        # What the scheduler sets aside on a node for each replica.
        resources=client.V1ResourceRequirements(
            requests={"cpu": "10m", "memory": "32Mi"}
        ),
        # Until this answers, the Pod is not ready, and does not count as available.
        readiness_probe=client.V1Probe(
            http_get=client.V1HTTPGetAction(path="/healthz", port=8080),
            period_seconds=1,
        ),
    )
    return client.V1Deployment(
        metadata=client.V1ObjectMeta(name=name, labels=labels),
        spec=client.V1DeploymentSpec(
            replicas=2,
            # Which Pods are its own: those that get these labels from the template.
            selector=client.V1LabelSelector(match_labels={"app": name}),
            template=client.V1PodTemplateSpec(
                metadata=client.V1ObjectMeta(labels=labels),
                spec=client.V1PodSpec(containers=[container]),
            ),
        ),
    )


web = deployment("web", {"app": "web", "tier": "frontend"})
worker = deployment("worker", {"app": "worker"})

for wanted in [web, worker]:
    created = apps.create_namespaced_deployment(NAMESPACE, wanted, _request_timeout=30)
    meta, status = created.metadata, created.status
    versions = f"generation {meta.generation}, observed {status.observed_generation}"
    print(f"{meta.name}: {versions}, available {status.available_replicas}")
    #> web: generation 1, observed None, available None
    #> worker: generation 1, observed None, available None

try:
    apps.create_namespaced_deployment(NAMESPACE, web, _request_timeout=30)
except client.ApiException as error:
    print(f"web once more: {error.status} {json.loads(error.body)['reason']}")
    #> web once more: 409 AlreadyExists
