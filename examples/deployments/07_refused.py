# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""See what the API server refuses, and the typing mistake that it lets pass."""

import json

from kubernetes import client, config

NAMESPACE = "overview-deployments"

config.load_kube_config()
apps = client.AppsV1Api()

typo = {"spec": {"replica": 5}}  # meant: replicas
www = {"app": "www"}
renamed = {
    "spec": {
        "selector": {"matchLabels": www},
        "template": {"metadata": {"labels": www}},
    }
}

for what, body, validation in [
    ("typing mistake", typo, "Warn"),  # what the server does by default
    ("typing mistake", typo, "Strict"),
    ("other selector", renamed, "Strict"),
]:
    try:
        web = apps.patch_namespaced_deployment(
            "web", NAMESPACE, body, field_validation=validation, _request_timeout=30
        )
        answer = f"accepted, {web.spec.replicas} replicas"
    except client.ApiException as error:
        message = json.loads(error.body)["message"]
        answer = f"{error.status}, {message.rpartition(': ')[2]}"
    print(f"{what}, {validation}: {answer}")
    #> typing mistake, Warn: accepted, 2 replicas
    #> typing mistake, Strict: 422, unknown field "spec.replica"
    #> other selector, Strict: 422, field is immutable

try:
    client.V1ScaleSpec(replica=5)
except ValueError as error:  # from the client, before anything is sent
    print(f"typing mistake in a model: {error.errors()[0]['msg']}")
    #> typing mistake in a model: Extra inputs are not permitted
