# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Two unusual Services: one has no address of its own, the other no selector."""

import time

from kubernetes import client, config

NAMESPACE = "overview-services"

config.load_kube_config()
core = client.CoreV1Api()
discovery = client.DiscoveryV1Api()


def addresses(service: str) -> set[str]:
    """List the addresses that stand in a Service's EndpointSlices."""
    slices = discovery.list_namespaced_endpoint_slice(
        NAMESPACE,
        label_selector=f"kubernetes.io/service-name={service}",
        _request_timeout=10,
    ).items
    return {
        address
        for each in slices
        for endpoint in each.endpoints or []
        for address in endpoint.addresses
    }


# Headless: the name leads to the Pods themselves, with nothing in between.
peers = client.V1Service(
    metadata=client.V1ObjectMeta(name="web-peers"),
    spec=client.V1ServiceSpec(
        cluster_ip="None",
        selector={"app": "web"},
        ports=[client.V1ServicePort(name="http", port=8080)],
    ),
)
made = core.create_namespaced_service(NAMESPACE, peers, _request_timeout=30)
deadline = time.monotonic() + 60
while not addresses("web-peers") or addresses("web-peers") != addresses("web"):
    if time.monotonic() > deadline:
        raise TimeoutError(f"web-peers, after 60 s: {addresses('web-peers')}")
    time.sleep(0.2)
print(f"web-peers: address {made.spec.cluster_ip}, and the endpoints of web")
#> web-peers: address None, and the endpoints of web

# No selector: nobody looks for Pods, and the EndpointSlice is yours to write.
database = client.V1Service(
    metadata=client.V1ObjectMeta(name="database"),
    spec=client.V1ServiceSpec(
        ports=[client.V1ServicePort(name="postgres", port=5432)],
    ),
)
made = core.create_namespaced_service(NAMESPACE, database, _request_timeout=30)
print(f"database: {made.spec.type}, endpoints {sorted(addresses('database'))}")
#> database: ClusterIP, endpoints []

endpoint_slice = client.V1EndpointSlice(
    metadata=client.V1ObjectMeta(
        name="database-1",
        labels={
            "kubernetes.io/service-name": "database",  # this makes it the Service's
            "endpointslice.kubernetes.io/managed-by": "example.com",
        },
        # So that it is deleted with its Service.
        owner_references=[
            client.V1OwnerReference(
                api_version="v1",
                kind="Service",
                name="database",
                uid=made.metadata.uid,
            )
        ],
    ),
    address_type="IPv4",
    ports=[client.DiscoveryV1EndpointPort(name="postgres", port=5432)],
    # Addresses that are set aside for documentation: nobody answers there.
    endpoints=[
        client.V1Endpoint(addresses=["192.0.2.10"]),
        client.V1Endpoint(addresses=["192.0.2.11"]),
    ],
)
discovery.create_namespaced_endpoint_slice(
    NAMESPACE, endpoint_slice, _request_timeout=30
)
print(f"database: endpoints {sorted(addresses('database'))}")
#> database: endpoints ['192.0.2.10', '192.0.2.11']
