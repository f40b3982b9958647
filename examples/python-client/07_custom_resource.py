# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Use a kind that the client has no class for."""

import tempfile
import time
from pathlib import Path

from kubernetes import client, config, dynamic
from kubernetes.dynamic.exceptions import DynamicApiError, ResourceNotFoundError

NAMESPACE = "overview-python-client"
API_VERSION = f"{NAMESPACE}.example.com/v1"

config.load_kube_config()


class LimitedClient(client.ApiClient):
    """Gives each request a time limit, also those by which the dynamic client asks
    what the API server serves.
    """

    def call_api(self, *args, _request_timeout=None, **kwargs):
        limit = _request_timeout or 30
        return super().call_api(*args, _request_timeout=limit, **kwargs)


def find(cluster: dynamic.DynamicClient, kind: str, seconds: float) -> dynamic.Resource:
    """Return the resource of this kind, once the API server serves it."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return cluster.resources.get(api_version=API_VERSION, kind=kind)
        except ResourceNotFoundError:
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"{API_VERSION} {kind}: not served after {seconds} s"
                ) from None
        time.sleep(0.5)


def greeting(name: str, **spec) -> dict:
    return {
        "apiVersion": API_VERSION,
        "kind": "Greeting",
        "metadata": {"name": name},
        "spec": spec,
    }


# What the API server serves is kept in a file, by default one in the directory for
# temporary files that all programs share. This one is of this run only.
with tempfile.TemporaryDirectory() as folder:
    cluster = dynamic.DynamicClient(
        LimitedClient(), cache_file=str(Path(folder, "discovery.json"))
    )
    greetings = find(cluster, "Greeting", seconds=60)

    made = greetings.create(greeting("hello", to="world"), namespace=NAMESPACE)
    print(made.spec.to_dict())
    #> {'times': 1, 'to': 'world'}

    try:
        greetings.create(greeting("no", to="", times=99), namespace=NAMESPACE)
    except DynamicApiError as error:
        print(f"{error.status} {error.reason}")
        #> 422 Unprocessable Entity

    # The default of this client is a kind of patch that knows built-in kinds only.
    change = {"spec": {"times": 3}}
    here = {"name": "hello", "namespace": NAMESPACE}
    try:
        greetings.patch(change, **here)
    except DynamicApiError as error:
        print(f"{error.status} {error.reason}")
        #> 415 Unsupported Media Type
    merge = "application/merge-patch+json"
    print(greetings.patch(change, **here, content_type=merge).spec.to_dict())
    #> {'times': 3, 'to': 'world'}

    # Its status is written by another request, which a Role can grant by itself.
    said = {"status": {"said": "Hello, world"}}
    greetings.status.patch(said, **here, content_type=merge)

    listed = greetings.get(namespace=NAMESPACE)
    print([(item.metadata.name, item.status.said) for item in listed.items])
    #> [('hello', 'Hello, world')]

    greetings.delete("hello", NAMESPACE)
    events = greetings.watch(
        namespace=NAMESPACE,
        resource_version=listed.metadata.resourceVersion,
        timeout=60,
    )
    print(next((event["type"], event["object"].metadata.name) for event in events))
    #> ('DELETED', 'hello')
