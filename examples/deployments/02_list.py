# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Read one Deployment by its name, and find many by their labels."""

from kubernetes import client, config

NAMESPACE = "overview-deployments"

config.load_kube_config()
apps = client.AppsV1Api()

web = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
image = web.spec.template.spec.containers[0].image
print(f"web: {web.spec.replicas} replicas of {image}")
#> web: 2 replicas of registry.k8s.io/e2e-test-images/agnhost:2.63.0

for selector in [
    "app=web",
    "app in (web, worker)",
    "app=worker,tier=frontend",
    "tier",
    "!tier",
    "tier!=frontend",
]:
    found = apps.list_namespaced_deployment(
        NAMESPACE, label_selector=selector, _request_timeout=10
    )
    print(f"{selector}: {[each.metadata.name for each in found.items]}")
    #> app=web: ['web']
    #> app in (web, worker): ['web', 'worker']
    #> app=worker,tier=frontend: []
    #> tier: ['web']
    #> !tier: ['worker']
    #> tier!=frontend: ['worker']

try:
    apps.read_namespaced_deployment("wbe", NAMESPACE, _request_timeout=10)
except client.ApiException as error:
    print(f"wbe: {error.status} {error.reason}")
    #> wbe: 404 Not Found
