# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""kubectl patch in its three kinds: the same wish, and what each makes of it."""

from kubernetes import client, config

NAMESPACE = "overview-kubectl-to-python"
CONTENT_TYPES = {
    "strategic": "application/strategic-merge-patch+json",
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
}


def kubectl_patch(
    apps: client.AppsV1Api,
    name: str,
    namespace: str,
    patch: dict | list,
    type_: str = "strategic",
    **options,
) -> client.V1Deployment:
    """kubectl patch deployment NAME --type=TYPE -p PATCH"""
    return apps.patch_namespaced_deployment(
        name,
        namespace,
        patch,
        field_manager="kubectl-patch",
        _content_type=CONTENT_TYPES[type_],
        **options,
        _request_timeout=30,
    )


def variable(name: str, value: str) -> dict:
    """A patch that names one container, and in it one variable."""
    image = "registry.k8s.io/e2e-test-images/agnhost:2.66.1"
    container = {
        "name": "server",
        "image": image,
        "env": [{"name": name, "value": value}],
    }
    return {"spec": {"template": {"spec": {"containers": [container]}}}}


def summary(deployment: client.V1Deployment) -> str:
    server = deployment.spec.template.spec.containers[0]
    names = [each.name for each in server.env or []]
    return f"variables {names}, {len(server.args or [])} arguments"


if __name__ == "__main__":
    config.load_kube_config()
    apps = client.AppsV1Api()

    patches = {
        "strategic": variable("COLOUR", "green"),
        "merge": variable("COLOUR", "green"),
        "json": [
            {
                "op": "add",
                "path": "/spec/template/spec/containers/0/env/-",
                "value": {"name": "COLOUR", "value": "green"},
            }
        ],
    }
    # A dry run each, so that each starts from the same Deployment.
    for type_, patch in patches.items():
        patched = kubectl_patch(apps, "web", NAMESPACE, patch, type_, dry_run="All")
        print(f"{type_}: {summary(patched)}")
        #> strategic: variables ['COLOUR', 'GREETING'], 2 arguments
        #> merge: variables ['COLOUR'], 0 arguments
        #> json: variables ['GREETING', 'COLOUR'], 2 arguments
