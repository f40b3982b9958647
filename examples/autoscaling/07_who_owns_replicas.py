# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Apply a manifest with replicas in it, and learn that they are taken."""

import json

from kubernetes import client, config

NAMESPACE = "overview-autoscaling"

config.load_kube_config()
apps = client.AppsV1Api()


def apply(manifest: dict) -> client.V1Deployment:
    """Apply a part of the Deployment server-side, as a pipeline would."""
    known = {"apiVersion": "apps/v1", "kind": "Deployment"}
    return apps.patch_namespaced_deployment(
        "web",
        NAMESPACE,
        known | manifest,
        field_manager="my-pipeline",
        _content_type="application/apply-patch+yaml",
        _request_timeout=30,
    )


metadata = {"name": "web", "labels": {"team": "shop"}}
try:
    apply({"metadata": metadata, "spec": {"replicas": 1}})
except client.ApiException as error:
    print(f"with replicas: {error.status} {error.reason}")
    #> with replicas: 409 Conflict
    for cause in json.loads(error.body)["details"]["causes"]:
        owner = cause["message"].split('"')[1]
        print(f"  {cause['field']} belongs to {owner}")
        #>   .spec.replicas belongs to kube-controller-manager

applied = apply({"metadata": metadata})
owners = [
    entry.manager
    for entry in applied.metadata.managed_fields
    if "f:replicas" in entry.fields_v1.get("f:spec", {})
]
print(f"without: applied, and they belong to {owners}")
#> without: applied, and they belong to ['kube-controller-manager']
