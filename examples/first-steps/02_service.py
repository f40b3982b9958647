# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Give the Pods one name that others call them by: a Service."""

from kubernetes import client, config

NAMESPACE = "overview-first-steps"

config.load_kube_config()
core = client.CoreV1Api()

service = {
    "metadata": {"name": "hello"},
    "spec": {"selector": {"app": "hello"}, "ports": [{"port": 80, "targetPort": 8080}]},
}
created = core.create_namespaced_service(NAMESPACE, service, _request_timeout=30)
print(f"http://{created.metadata.name}:{created.spec.ports[0].port}")
#> http://hello:80
