# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Change one field of a Deployment: three kinds of patch, three results."""

from kubernetes import client, config

NAMESPACE = "overview-deployments"
IMAGE = "registry.k8s.io/e2e-test-images/agnhost:2.66.1"

config.load_kube_config()
apps = client.AppsV1Api()

# A piece of the Deployment: where we are in it, and what shall be there.
containers = [{"name": "server", "image": IMAGE}]
partial = {"spec": {"template": {"spec": {"containers": containers}}}}
path = "/spec/template/spec/containers/0/image"
operations = [{"op": "replace", "path": path, "value": IMAGE}]

for kind, body in [
    ("strategic-merge-patch", partial),
    ("merge-patch", partial),
    ("json-patch", operations),
]:
    # A dry run: checked and answered like the real thing, but not stored.
    tried = apps.patch_namespaced_deployment(
        "web",
        NAMESPACE,
        body,
        _content_type=f"application/{kind}+json",
        dry_run="All",
        _request_timeout=30,
    )
    container = tried.spec.template.spec.containers[0]
    print(f"{kind}: {container.image.rpartition(':')[2]}, args {container.args}")
    #> strategic-merge-patch: 2.66.1, args ['netexec', '--http-port=8080']
    #> merge-patch: 2.66.1, args None
    #> json-patch: 2.66.1, args ['netexec', '--http-port=8080']

before = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
after = apps.patch_namespaced_deployment("web", NAMESPACE, partial, _request_timeout=30)
again = apps.patch_namespaced_deployment("web", NAMESPACE, partial, _request_timeout=30)
first = after.metadata.generation - before.metadata.generation
second = again.metadata.generation - after.metadata.generation
print(f"for real: args {after.spec.template.spec.containers[0].args}")
#> for real: args ['netexec', '--http-port=8080']
print(f"the generation grew by {first}, then by {second}")
#> the generation grew by 1, then by 0
