# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3>=2,<3"]
#
# [tool.sandbox]
# stopped = ["kube-apiserver"]
# ///
"""Knock at the door while the API server is stopped."""

from kubernetes import client, config
from urllib3.exceptions import MaxRetryError

NAMESPACE = "overview-architecture"

config.load_kube_config()
configuration = client.Configuration.get_default_copy()
configuration.retries = 0
core = client.CoreV1Api(client.ApiClient(configuration))

try:
    core.list_namespaced_pod(NAMESPACE, _request_timeout=10)
except MaxRetryError as error:
    print(f"list Pods: {type(error.reason).__name__}")
    #> list Pods: NewConnectionError
