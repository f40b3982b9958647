# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3"]
# ///
"""Give up on a server that does not answer, after as long as you meant."""

import socket
import time

import urllib3
from kubernetes import client, config

NAMESPACE = "python-client"

# A stand-in for an API server that hangs: it takes connections, and never answers.
silent = socket.create_server(("127.0.0.1", 0))
configuration = client.Configuration(host=f"http://127.0.0.1:{silent.getsockname()[1]}")
body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="one"))


def seconds_until_failure(call, *arguments, **options) -> str:
    """Say how long it took, in whole seconds, and what was raised."""
    started = time.monotonic()
    try:
        call(*arguments, **options)
    except urllib3.exceptions.HTTPError as error:
        return f"{int(time.monotonic() - started)} s, {type(error).__name__}"
    return "no failure"


core = client.CoreV1Api(client.ApiClient(configuration))
for method, call, *arguments in [
    ("POST", core.create_namespaced_config_map, NAMESPACE, body),
    ("GET", core.read_namespaced_config_map, "one", NAMESPACE),
]:
    took = seconds_until_failure(call, *arguments, _request_timeout=1)
    print(f"{method} with a timeout of 1 s: {took}")
    #> POST with a timeout of 1 s: 1 s, ReadTimeoutError
    #> GET with a timeout of 1 s: 4 s, MaxRetryError

# 3 s to connect, 1 s between two bytes of the answer; try again only if the request
# never left.
configuration.retries = urllib3.Retry(total=3, connect=3, read=False)
core = client.CoreV1Api(client.ApiClient(configuration))
took = seconds_until_failure(
    core.read_namespaced_config_map, "one", NAMESPACE, _request_timeout=(3, 1)
)
print(f"GET, not read again: {took}")
#> GET, not read again: 1 s, ReadTimeoutError
silent.close()

# A real one: how long the API server takes at most is a parameter of lists and watches.
config.load_kube_config()
core = client.CoreV1Api()
found = core.list_namespaced_config_map(
    NAMESPACE, timeout_seconds=10, _request_timeout=15
)
print(f"answered: {len(found.items) > 0}")
#> answered: True
