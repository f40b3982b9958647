# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Change the image, and check that the update stays within its two bounds."""

from kubernetes import client, config, watch

NAMESPACE = "overview-rollouts"
NEW_IMAGE = "registry.k8s.io/e2e-test-images/agnhost:2.66.1"

config.load_kube_config()
apps = client.AppsV1Api()

web = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
wanted = web.spec.replicas
# Numbers here. Percentages are allowed too: of replicas, the surge rounded up
# and the unavailable rounded down.
least = wanted - web.spec.strategy.rolling_update.max_unavailable
most = wanted + web.spec.strategy.rolling_update.max_surge
print(f"{wanted} wanted, at least {least} available, at most {most} asked for")
#> 4 wanted, at least 3 available, at most 5 asked for

# A Deployment makes no Pods. It tells one ReplicaSet per version how many.
only = {"namespace": NAMESPACE, "label_selector": "app=web"}
before = apps.list_namespaced_replica_set(**only, _request_timeout=10)
versions = {each.metadata.name: each for each in before.items}

apps.patch_namespaced_deployment(
    "web",
    NAMESPACE,
    {
        # In the same patch: the cause goes to the revision which it belongs to.
        "metadata": {"annotations": {"kubernetes.io/change-cause": "agnhost 2.66.1"}},
        "spec": {
            "template": {
                "spec": {"containers": [{"name": "server", "image": NEW_IMAGE}]}
            }
        },
    },
    _content_type="application/strategic-merge-patch+json",
    _request_timeout=30,
)

# From the list on, so that no step is missed. Should the watch break, this fails
# rather than list again: it could not tell what happened meanwhile.
available, asked = [], []
for event in watch.Watch().stream(
    apps.list_namespaced_replica_set,
    **only,
    resource_version=before.metadata.resource_version,
    timeout_seconds=120,
    _request_timeout=125,  # for a server which has gone silent
):
    changed = event["object"]
    versions[changed.metadata.name] = changed
    available.append(sum(v.status.available_replicas or 0 for v in versions.values()))
    asked.append(sum(v.spec.replicas for v in versions.values()))
    new = [
        v
        for v in versions.values()
        if v.spec.template.spec.containers[0].image == NEW_IMAGE
    ]
    old_pods = sum(v.status.replicas or 0 for v in versions.values() if v not in new)
    if new and new[0].status.available_replicas == wanted and old_pods == 0:
        break
else:
    raise TimeoutError(f"not updated after 120 s, {available[-1:]} available")

print("never fewer available than that:", min(available) >= least)
#> never fewer available than that: True
print("never more asked for than that:", max(asked) <= most)
#> never more asked for than that: True
print("Pods asked for, by version:", sorted(v.spec.replicas for v in versions.values()))
#> Pods asked for, by version: [0, 4]
