# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "requests>=2.32"]
#
# [tool.sandbox]
# needs = ["openshift"]
# ///
"""Log in to OpenShift, and look at what only OpenShift has: Routes, and SCCs."""

import os
import sys
import tempfile
from urllib.parse import parse_qs, urlsplit

import requests
from kubernetes import client, dynamic

NAMESPACE = "shop"
SERVER = "https://api.demo.example.com:6443"  # as `oc whoami --show-server` says
# A file with two CAs, that of the API server and that of the router, which the OAuth
# server is behind.
CA = os.environ["OPENSHIFT_CA"]
USER, PASSWORD = os.environ["OPENSHIFT_USER"], os.environ["OPENSHIFT_PASSWORD"]

# 1. Where the OAuth server is.
oauth = requests.get(
    f"{SERVER}/.well-known/oauth-authorization-server", verify=CA, timeout=10
).json()

# 2. A token, for who answers its challenge. It is good for a day, by default.
answer = requests.get(
    oauth["authorization_endpoint"],
    params={"client_id": "openshift-challenging-client", "response_type": "token"},
    headers={"X-CSRF-Token": "1"},  # without one, there is no challenge
    auth=(USER, PASSWORD),
    allow_redirects=False,  # the token is in the address that it leads to
    verify=CA,
    timeout=10,
)
token = parse_qs(urlsplit(answer.headers.get("Location", "")).fragment)
if "access_token" not in token:
    print(f"{USER} at {SERVER}: {answer.status_code} {answer.reason}", file=sys.stderr)
    sys.exit(2)


class LimitedClient(client.ApiClient):
    """Gives each request a time limit, also those by which the dynamic client asks
    what the API server serves.
    """

    def call_api(self, *args, _request_timeout=None, **kwargs):
        limit = _request_timeout or 30
        return super().call_api(*args, _request_timeout=limit, **kwargs)


configuration = client.Configuration(
    host=SERVER,
    ssl_ca_cert=CA,
    api_key={"BearerToken": f"Bearer {token['access_token'][0]}"},
)
api = LimitedClient(configuration)
review = client.AuthenticationV1Api(api).create_self_subject_review(
    {}, _request_timeout=30
)
print(f"I am {review.status.user_info.username}")
#> I am developer

# 3. What leads in from outside.
with tempfile.TemporaryDirectory() as folder:
    cluster = dynamic.DynamicClient(api, cache_file=f"{folder}/resources")
    routes = cluster.resources.get(api_version="route.openshift.io/v1", kind="Route")
    for route in routes.get(namespace=NAMESPACE).items:
        print(f"{route.spec.host} leads to Service {route.spec.to.name}")
        #> web-shop.apps.demo.example.com leads to Service web

# 4. Under which security context constraints each Pod was let in.
for pod in (
    client.CoreV1Api(api).list_namespaced_pod(NAMESPACE, _request_timeout=10).items
):
    notes = pod.metadata.annotations or {}
    print(f"Pod {pod.metadata.name}: {notes.get('openshift.io/scc')}")
    #> Pod web: restricted-v2
