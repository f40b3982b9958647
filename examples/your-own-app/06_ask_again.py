# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers", "images"]
# [tool.sandbox.only-with]
# containers = ["get services/proxy"]
# ///
"""Ask until version 2 answers: a Pod of version 1 may still be finishing."""

import json
import time

from kubernetes import client, config

NAMESPACE = "overview-your-own-app"

config.load_kube_config()
core = client.CoreV1Api()

deadline = time.monotonic() + 60
answer = {}
while answer.get("version") != "2":
    if time.monotonic() > deadline:
        raise TimeoutError(f"after 60 s the answer is {answer}")
    time.sleep(0.2)
    response = core.connect_get_namespaced_service_proxy(
        "hello", NAMESPACE, _preload_content=False, _request_timeout=30
    )
    answer = json.loads(response.data)
print(answer)
#> {'greeting': 'Hello from Kubernetes', 'version': '2', 'has_key': True}
