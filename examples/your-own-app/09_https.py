# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["images"]
# ///
"""Ask for an address on the internet, with HTTPS."""

from kubernetes import client, config

NAMESPACE = "overview-your-own-app"
HOST = "hello.example.com"

config.load_kube_config()
networking = client.NetworkingV1Api()

backend = {"service": {"name": "hello", "port": {"number": 80}}}
path = {"path": "/", "pathType": "Prefix", "backend": backend}
ingress = {
    "metadata": {"name": "hello"},
    "spec": {
        "tls": [{"hosts": [HOST], "secretName": "hello-certificate"}],
        "rules": [{"host": HOST, "http": {"paths": [path]}}],
    },
}
created = networking.create_namespaced_ingress(NAMESPACE, ingress, _request_timeout=30)
print("Address:", created.status.load_balancer.ingress)
#> Address: None
