# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Ask a cluster who is at work in it, with the right to look and no other."""

from datetime import UTC, datetime

from kubernetes import client, config

NAMESPACE = "overview-architecture"

config.load_kube_config()
api = client.ApiClient()
core = client.CoreV1Api()
coordination = client.CoordinationV1Api()


def get(path: str) -> tuple[int, str]:
    """Ask for what is no object: return the status and the text of the answer."""
    answer = api.call_api(
        *api.param_serialize("GET", path, auth_settings=["BearerToken"]),
        _request_timeout=30,
    )
    return answer.status, answer.read().decode()


def at_work(lease: client.V1Lease) -> bool:
    """Say whether who holds this Lease has renewed it in the last minute."""
    age = datetime.now(UTC) - lease.spec.renew_time
    return bool(lease.spec.holder_identity) and age.total_seconds() < 60


# The API server tells its version, and how it is, to everybody.
version = client.VersionApi().get_code(_request_timeout=10)
print(f"kube-apiserver: version known, {version.git_version.startswith('v1.')}")
#> kube-apiserver: version known, True
_, ready = get("/readyz?verbose")
print(f"etcd, as the API server finds it: {'[+]etcd ok' in ready}")
#> etcd, as the API server finds it: True

# The others talk to the API server only, and leave their traces there.
leases = coordination.list_namespaced_lease("kube-system", _request_timeout=30).items
at = {lease.metadata.name: at_work(lease) for lease in leases}
for name in ["kube-scheduler", "kube-controller-manager", "cloud-controller-manager"]:
    print(f"{name}: {'at work' if at.get(name) else 'not here'}")
    #> kube-scheduler: at work
    #> kube-controller-manager: at work
    #> cloud-controller-manager: not here

beats = coordination.list_namespaced_lease("kube-node-lease", _request_timeout=30).items
alive = {lease.metadata.name for lease in beats if at_work(lease)}
nodes = {node.metadata.name for node in core.list_node(_request_timeout=30).items}
print(f"kubelet: at work on every node, {nodes <= alive}")
#> kubelet: at work on every node, True

# What is added to the API has an object that says who answers for it.
services = client.ApiregistrationV1Api().list_api_service(_request_timeout=30).items
added = {each.spec.group for each in services if each.spec.service}
print(f"metrics-server: answers for metrics.k8s.io, {'metrics.k8s.io' in added}")
#> metrics-server: answers for metrics.k8s.io, True

try:
    core.list_namespaced_secret("kube-system", _request_timeout=30)
except client.ApiException as error:
    print(f"the Secrets of kube-system: {error.status} {error.reason}")
    #> the Secrets of kube-system: 403 Forbidden
