# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3>=2,<3"]
#
# [tool.sandbox]
# stopped = ["etcd"]
#
# [tool.sandbox.only-with]
# components = ["create configmaps"]
# ///
"""Read and write while etcd is stopped, and see what the API server can still do."""

from kubernetes import client, config
from urllib3.exceptions import HTTPError

NAMESPACE = "overview-architecture"

config.load_kube_config()
configuration = client.Configuration.get_default_copy()
configuration.retries = 0  # once is enough here
api = client.ApiClient(configuration)
apps, core = client.AppsV1Api(api), client.CoreV1Api(api)


def attempt(call, *arguments, **options):
    """Return the answer, or None if there is none in five seconds."""
    try:
        return call(*arguments, **options, _request_timeout=5)
    except HTTPError:
        return None


old = apps.list_namespaced_deployment(
    NAMESPACE, resource_version="0", _request_timeout=30
)
print(f"replicas wanted, whenever that was: {old.items[0].spec.replicas}")
#> replicas wanted, whenever that was: 2
new = attempt(apps.list_namespaced_deployment, NAMESPACE)
print(f"replicas wanted now: {new}")
#> replicas wanted now: None
note = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="note"))
made = attempt(core.create_namespaced_config_map, NAMESPACE, note)
print(f"a ConfigMap made: {made}")
#> a ConfigMap made: None

request = api.param_serialize("GET", "/readyz", auth_settings=["BearerToken"])
answer = api.call_api(*request, _request_timeout=30)
told = answer.read().decode().splitlines()
failed = sorted(line[3:].split()[0] for line in told if line.startswith("[-]"))
print(f"what the API server says of itself: {answer.status}, failed: {failed}")
#> what the API server says of itself: 500, failed: ['etcd', 'etcd-readiness']
