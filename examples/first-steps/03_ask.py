# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# [tool.sandbox.only-with]
# containers = ["get services/proxy"]
# ///
"""Call the application by the name of its Service."""

import time

from kubernetes import client, config

NAMESPACE = "overview-first-steps"

config.load_kube_config()
core = client.CoreV1Api()

deadline = time.monotonic() + 60
while True:
    try:
        answer = core.connect_get_namespaced_service_proxy(
            "hello", NAMESPACE, _request_timeout=30
        )
        break
    except client.ApiException as error:
        # 503: the Service doesn't know the Pods yet.
        if error.status != 503 or time.monotonic() > deadline:
            raise
    time.sleep(0.2)
print(answer)
#> hello from version 1
