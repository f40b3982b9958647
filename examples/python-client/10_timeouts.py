# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3"]
# ///
"""Give up on a server that does not answer, after as long as you meant."""

import contextlib
import socket
import time

import urllib3
from kubernetes import client, config

NAMESPACE = "overview-python-client"

# A stand-in for an API server that hangs: it takes connections, and never answers.
silent = socket.create_server(("127.0.0.1", 0))
silent.setblocking(False)
configuration = client.Configuration(host=f"http://127.0.0.1:{silent.getsockname()[1]}")
body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="one"))


def connections() -> int:
    """Count the connections that were made since the last count."""
    number = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            silent.accept()[0].close()
            number += 1
    return number


def until_failure(call, *arguments, **options) -> str:
    """Say how often the server was asked, how long it took, and what was raised."""
    started = time.monotonic()
    try:
        call(*arguments, **options)
    except urllib3.exceptions.HTTPError as error:
        took, asked = time.monotonic() - started, connections()
        longer = f"{asked} s or more: {took >= asked}"
        return f"asked {asked}, {longer}, {type(error).__name__}"
    return "no failure"


core = client.CoreV1Api(client.ApiClient(configuration))
for method, call, *arguments in [
    ("POST", core.create_namespaced_config_map, NAMESPACE, body),
    ("GET", core.read_namespaced_config_map, "one", NAMESPACE),
]:
    failure = until_failure(call, *arguments, _request_timeout=1)
    print(f"{method} with a timeout of 1 s: {failure}")
    #> POST with a timeout of 1 s: asked 1, 1 s or more: True, ReadTimeoutError
    #> GET with a timeout of 1 s: asked 4, 4 s or more: True, MaxRetryError

# 3 s to connect, 1 s between two bytes of the answer; try again only if the request
# never left.
configuration.retries = urllib3.Retry(total=3, connect=3, read=False)
core = client.CoreV1Api(client.ApiClient(configuration))
failure = until_failure(
    core.read_namespaced_config_map, "one", NAMESPACE, _request_timeout=(3, 1)
)
print(f"GET, not read again: {failure}")
#> GET, not read again: asked 1, 1 s or more: True, ReadTimeoutError
silent.close()

# A real one: how long the API server takes at most is a parameter of lists and watches.
config.load_kube_config()
core = client.CoreV1Api()
found = core.list_namespaced_config_map(
    NAMESPACE, timeout_seconds=10, _request_timeout=15
)
print(f"answered: {len(found.items) > 0}")
#> answered: True
