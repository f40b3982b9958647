# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Apply a Deployment on the server, collide with another manager, and settle it."""

import json

from kubernetes import client, config

NAMESPACE = "overview-deployments"

config.load_kube_config()
apps = client.AppsV1Api()


def apply(manager: str, replicas: int | None = None, **options) -> client.V1Deployment:
    """Create or change the Deployment "api", in the name of a field manager.

    Without replicas, the manager has no say in how many there are.
    """
    labels = {"app": "api"}
    container = {
        "name": "server",
        "image": "registry.k8s.io/e2e-test-images/agnhost:2.66.1",
        "args": ["netexec", "--http-port=8080"],
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
    }
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    if replicas is not None:
        spec["replicas"] = replicas
    manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "api", "labels": labels},
        "spec": spec,
    }
    return apps.patch_namespaced_deployment(
        "api",
        NAMESPACE,
        manifest,
        field_manager=manager,
        _content_type="application/apply-patch+yaml",
        _request_timeout=30,
        **options,
    )


def replicas_and_owners(deployment: client.V1Deployment) -> str:
    """Say how many replicas are wanted, and which managers own that field."""
    owners = sorted(
        entry.manager
        for entry in deployment.metadata.managed_fields
        if "f:replicas" in entry.fields_v1.get("f:spec", {})
    )
    named = " and ".join(owners) or "nobody"
    return f"{deployment.spec.replicas} replicas, owned by {named}"


# Made by the programs before this one. web has been scaled to zero and back.
for name in ["worker", "web"]:
    before = apps.read_namespaced_deployment(name, NAMESPACE, _request_timeout=10)
    print(f"{name}: {replicas_and_owners(before)}")
    #> worker: 2 replicas, owned by OpenAPI-Generator
    #> web: 2 replicas, owned by nobody

print(f"applied: {replicas_and_owners(apply('ci', replicas=2))}")
#> applied: 2 replicas, owned by ci

apps.patch_namespaced_deployment_scale(
    "api",
    NAMESPACE,
    {"spec": {"replicas": 4}},
    field_manager="scaler",
    _request_timeout=30,
)
api = apps.read_namespaced_deployment("api", NAMESPACE, _request_timeout=10)
print(f"scaled: {replicas_and_owners(api)}")
#> scaled: 4 replicas, owned by scaler

try:
    apply("ci", replicas=2)
except client.ApiException as error:
    status = json.loads(error.body)
    causes = status["details"]["causes"]
    fields = ", ".join(cause["field"] for cause in causes)
    print(f"applied again: {error.status} {status['reason']} over {fields}")
    #> applied again: 409 Conflict over .spec.replicas
    for cause in causes:
        print(cause["message"])
        #> conflict with "scaler" with subresource "scale" using apps/v1

print(f"share it: {replicas_and_owners(apply('ci', replicas=4))}")
#> share it: 4 replicas, owned by ci and scaler
print(f"give it up: {replicas_and_owners(apply('ci'))}")
#> give it up: 4 replicas, owned by scaler
print(f"force it: {replicas_and_owners(apply('ci', replicas=2, force=True))}")
#> force it: 2 replicas, owned by ci

# The trap: a field which nobody owns any more falls back to its default.
alone = apply("ci", dry_run="All")
print(f"give it up as the only owner: {alone.spec.replicas} replica")
#> give it up as the only owner: 1 replica
