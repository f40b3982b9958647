# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Ask for a port on every node, and for a load balancer that nobody provides."""

import json

from kubernetes import client, config

NAMESPACE = "overview-services"

config.load_kube_config()
core = client.CoreV1Api()


def service(name: str, kind: str, node_port: int | None = None, **spec):
    """Describe a Service of some type in front of the Pods of "web"."""
    port = client.V1ServicePort(
        name="http", port=80, target_port="http", node_port=node_port
    )
    return client.V1Service(
        metadata=client.V1ObjectMeta(name=name),
        spec=client.V1ServiceSpec(
            type=kind, selector={"app": "web"}, ports=[port], **spec
        ),
    )


open_port = core.create_namespaced_service(
    NAMESPACE, service("web-node-port", "NodePort"), _request_timeout=30
)
allocated = open_port.spec.ports[0].node_port
print(f"NodePort: allocated {allocated > 0}, address {bool(open_port.spec.cluster_ip)}")
#> NodePort: allocated True, address True

try:
    core.create_namespaced_service(
        NAMESPACE,
        service("web-same-port", "NodePort", allocated),
        dry_run="All",
        _request_timeout=30,
    )
except client.ApiException as error:
    message = json.loads(error.body)["message"]
    print(f"the same again: {error.status}, {message.rpartition(': ')[2]}")
    #> the same again: 422, provided port is already allocated

balanced = core.create_namespaced_service(
    NAMESPACE,
    # A class of our own, so that no load balancer of your cloud starts, and costs.
    service("web-public", "LoadBalancer", load_balancer_class="example.com/nobody"),
    _request_timeout=30,
)
print(f"LoadBalancer: from outside {balanced.status.load_balancer.ingress}")
#> LoadBalancer: from outside None
print(f"meanwhile, a port on each node: {balanced.spec.ports[0].node_port > 0}")
#> meanwhile, a port on each node: True
