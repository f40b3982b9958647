# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers", "images"]
# [tool.sandbox.only-with]
# containers = ["get services/proxy"]
# ///
"""Ask the application, by the name of its Service."""

import json
import time

from kubernetes import client, config

NAMESPACE = "overview-your-own-app"

config.load_kube_config()
core = client.CoreV1Api()

deadline = time.monotonic() + 60
while True:
    try:
        answer = core.connect_get_namespaced_service_proxy(
            "hello", NAMESPACE, _preload_content=False, _request_timeout=30
        )
        break
    except client.ApiException as error:
        # 503: the Service has not heard of the Pods yet. They are only just ready.
        if error.status != 503 or time.monotonic() > deadline:
            raise
    time.sleep(0.2)
print(json.loads(answer.data))
#> {'greeting': 'Hello from Kubernetes', 'version': '1', 'has_key': True}
