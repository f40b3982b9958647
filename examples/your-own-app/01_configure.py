# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["images"]
# ///
"""Write down what the application needs from outside: a greeting and a key."""

import secrets

from kubernetes import client, config

NAMESPACE = "overview-your-own-app"

config.load_kube_config()
core = client.CoreV1Api()

settings = {
    "metadata": {"name": "hello"},
    "data": {"GREETING": "Hello from Kubernetes"},
}
key = {
    "metadata": {"name": "hello"},
    "stringData": {"API_KEY": secrets.token_urlsafe()},
}
created = [
    core.create_namespaced_config_map(NAMESPACE, settings, _request_timeout=30),
    core.create_namespaced_secret(NAMESPACE, key, _request_timeout=30),
]
for each in created:
    print(f"{each.kind} {each.metadata.name}: {', '.join(each.data)}")
    #> ConfigMap hello: GREETING
    #> Secret hello: API_KEY
