# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers", "images"]
# [tool.sandbox.only-with]
# containers = ["delete pods", "get pods/proxy", "get pods/log"]
# ///
"""Delete a Pod that is working on a request, and read how its server ends."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

from kubernetes import client, config

NAMESPACE = "overview-your-own-app"

config.load_kube_config()
core = client.CoreV1Api()

pods = core.list_namespaced_pod(
    NAMESPACE, label_selector="app=hello", _request_timeout=10
).items
name = next(p.metadata.name for p in pods if p.metadata.deletion_timestamp is None)

with ThreadPoolExecutor() as threads:
    report = threads.submit(
        core.connect_get_namespaced_pod_proxy_with_path,
        *(f"{name}:8080", NAMESPACE, "report"),
        _preload_content=False,
        _request_timeout=60,
    )
    time.sleep(1)  # it takes fifteen seconds, and has begun
    log = core.read_namespaced_pod_log(
        name, NAMESPACE, follow=True, _preload_content=False, _request_timeout=60
    )
    core.delete_namespaced_pod(name, NAMESPACE, _request_timeout=10)
    lines = log.data.decode().splitlines()  # it ends with the container

print("The report:", json.loads(report.result().data))
#> The report: {'pages': 12}

# Without those of requests, which have an address in them.
messages = [line.removeprefix("INFO:").strip() for line in lines if " - " not in line]
for message in messages[messages.index("Shutting down") :]:
    print(message)
    #> Shutting down
    #> Waiting for connections to close. (CTRL+C to force quit)
    #> Waiting for application shutdown.
    #> Application shutdown complete.
    #> Finished server process [1]
