# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# [tool.sandbox.only-with]
# containers = ["get services/proxy"]
# ///
"""Ask again, until ten answers in a row are from version 2."""

import time

from kubernetes import client, config

NAMESPACE = "overview-first-steps"

config.load_kube_config()
core = client.CoreV1Api()

answer, in_a_row = None, 0
deadline = time.monotonic() + 60
while in_a_row < 10:
    if time.monotonic() > deadline:
        raise TimeoutError(f"after 60 s: {answer}")
    try:
        answer = core.connect_get_namespaced_service_proxy(
            "hello", NAMESPACE, _request_timeout=30
        )
    except client.ApiException as error:  # that Pod has gone, or is about to
        answer = f"{error.status} {error.reason}"
    in_a_row = in_a_row + 1 if answer == "hello from version 2" else 0
    time.sleep(0.2)
print(answer)
#> hello from version 2
