# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# [tool.sandbox.only-with]
# containers = ["get services/proxy"]
# ///
"""Ask twenty times while the update is stuck."""

from collections import Counter

from kubernetes import client, config

NAMESPACE = "overview-first-steps"

config.load_kube_config()
core = client.CoreV1Api()

answers = [
    core.connect_get_namespaced_service_proxy("hello", NAMESPACE, _request_timeout=30)
    for _ in range(20)
]
for answer, times in Counter(answers).items():
    print(f"{times} times: {answer}")
    #> 20 times: hello from version 2
