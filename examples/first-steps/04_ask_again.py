# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# [tool.sandbox.only-with]
# containers = ["get services/proxy"]
# ///
"""Ask again, until the last Pod of version 1 has stopped answering."""

import time

from kubernetes import client, config

NAMESPACE = "first-steps"

config.load_kube_config()
core = client.CoreV1Api()

answer = None
deadline = time.monotonic() + 60
while answer != "hello from version 2":
    if time.monotonic() > deadline:
        raise TimeoutError(f"after 60 s: {answer}")
    try:
        answer = core.connect_get_namespaced_service_proxy("hello", NAMESPACE)
    except client.ApiException as error:  # that Pod has gone, or is about to
        answer = f"{error.status} {error.reason}"
    time.sleep(0.2)
print(answer)
#> hello from version 2
