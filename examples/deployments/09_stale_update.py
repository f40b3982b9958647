# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Write on the strength of an old reading: refused with 409, then done right."""

import json

from kubernetes import client, config
from kubernetes.utils import Backoff, retry_on_conflict

NAMESPACE = "overview-deployments"

config.load_kube_config()
apps = client.AppsV1Api()


def somebody_else_writes(text: str) -> None:
    """Change the Deployment behind our back, as a colleague or controller would."""
    apps.patch_namespaced_deployment(
        "web",
        NAMESPACE,
        {"metadata": {"annotations": {"theirs": text}}},
        _request_timeout=30,
    )


def with_ours(deployment: client.V1Deployment, text: str) -> client.V1Deployment:
    """Add our annotation to a Deployment which was read before."""
    annotations = deployment.metadata.annotations or {}
    deployment.metadata.annotations = annotations | {"ours": text}
    return deployment


old = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
somebody_else_writes("first")
try:
    apps.replace_namespaced_deployment(
        "web", NAMESPACE, with_ours(old, "first"), _request_timeout=30
    )
except client.ApiException as error:
    print(f"an old reading: {error.status} {json.loads(error.body)['reason']}")
    #> an old reading: 409 Conflict

attempts = []


def read_change_write() -> client.V1Deployment:
    """Do all three steps, so that a retry starts from a new reading."""
    web = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
    if not attempts:
        somebody_else_writes("second")  # between our reading and our writing
    attempts.append(web.metadata.resource_version)
    return apps.replace_namespaced_deployment(
        "web", NAMESPACE, with_ours(web, "second"), _request_timeout=30
    )


patient = Backoff(steps=8, duration=0.05, factor=2, jitter=0.5)
web = retry_on_conflict(read_change_write, patient)
print(f"more than one attempt: {len(attempts) > 1}")
#> more than one attempt: True
found = web.metadata.annotations
print(f"ours {found['ours']}, theirs {found['theirs']}")
#> ours second, theirs second

# Without a version there is nothing to compare, and their third text is lost.
old = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
somebody_else_writes("third")
old.metadata.resource_version = None
web = apps.replace_namespaced_deployment(
    "web", NAMESPACE, with_ours(old, "third"), _request_timeout=30
)
found = web.metadata.annotations
print(f"ours {found['ours']}, theirs {found['theirs']}")
#> ours third, theirs second
