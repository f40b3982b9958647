# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Go back to the version before: its Pod template is kept in a ReplicaSet."""

import time

from kubernetes import client, config

NAMESPACE = "overview-rollouts"
REVISION = "deployment.kubernetes.io/revision"

config.load_kube_config()
apps = client.AppsV1Api()

kept = apps.list_namespaced_replica_set(
    NAMESPACE, label_selector="app=web", _request_timeout=10
).items
kept.sort(key=lambda each: int(each.metadata.annotations[REVISION]))
for each in kept:
    image = each.spec.template.spec.containers[0].image
    print(f"revision {each.metadata.annotations[REVISION]}: {image}")
    #> revision 1: registry.k8s.io/e2e-test-images/agnhost:2.63.0
    #> revision 2: registry.k8s.io/e2e-test-images/agnhost:2.66.1
    #> revision 3: registry.k8s.io/e2e-test-images/agnhost:no-such-tag

before = kept[-2]
template = apps.api_client.sanitize_for_serialization(before.spec.template)
# By this label a ReplicaSet knows its own Pods. It isn't part of the version.
del template["metadata"]["labels"]["pod-template-hash"]
changes = {
    "/spec/template": template,
    # A slash in a key is written ~1 here.
    "/metadata/annotations/kubernetes.io~1change-cause": "back from a typing error",
}
apps.patch_namespaced_deployment(
    "web",
    NAMESPACE,
    [{"op": "replace", "path": p, "value": v} for p, v in changes.items()],
    _content_type="application/json-patch+json",
    _request_timeout=30,
)

deadline = time.monotonic() + 120
while True:
    web = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
    status = web.status
    counts = [status.replicas, status.updated_replicas, status.available_replicas]
    observed = status.observed_generation == web.metadata.generation
    if observed and counts == [web.spec.replicas] * 3:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"total, updated and available after 120 s: {counts}")
    time.sleep(0.2)

image = web.spec.template.spec.containers[0].image
print(f"now revision {web.metadata.annotations[REVISION]}: {image}")
#> now revision 4: registry.k8s.io/e2e-test-images/agnhost:2.66.1
print(f"{status.available_replicas} of {web.spec.replicas} Pods available")
#> 4 of 4 Pods available
