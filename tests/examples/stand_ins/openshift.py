"""OpenShift: an OAuth server, and an API server that knows its tokens and has Routes.

What they say follows
https://docs.redhat.com/en/documentation/openshift_container_platform/4.22/html/authentication_and_authorization/configuring-internal-oauth
Routes are objects of a kind that is defined here, and no router serves them. The API
server admits the Pod; the note on it is what OpenShift's would have written:
https://docs.redhat.com/en/documentation/openshift_container_platform/4.22/html/authentication_and_authorization/managing-pod-security-policies
"""

import base64
import json
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import trustme
from kubernetes import client

from sandbox import run
from sandbox.cluster import Cluster
from sandbox.story import Manifest, Story
from tests.examples.stand_ins.api_server import ApiServer, Caller, NotAuthenticated
from tests.examples.stand_ins.network import Answer, Network, Request

API = "api.demo.example.com"
OAUTH = "oauth-openshift.apps.demo.example.com"
HOST = "web-shop.apps.demo.example.com"
NAMESPACE = "shop"
USER, PASSWORD = "developer", "a-password-of-the-test"
GROUPS = ["system:authenticated", "system:authenticated:oauth"]

KIND: Manifest = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "routes.route.openshift.io"},
    "spec": {
        "group": "route.openshift.io",
        "names": {"kind": "Route", "plural": "routes", "singular": "route"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "x-kubernetes-preserve-unknown-fields": True,
                    }
                },
            }
        ],
    },
}

SETUP: list[Manifest] = [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
    {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "web", "namespace": NAMESPACE},
    },
    {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "web",
            "namespace": NAMESPACE,
            "annotations": {"openshift.io/scc": "restricted-v2"},
        },
        "spec": {
            # The account of the namespace itself takes a moment to be there.
            "serviceAccountName": "web",
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 0,
            "containers": [{"name": "web", "image": "registry.k8s.io/pause:3.10"}],
        },
    },
    {
        "apiVersion": "route.openshift.io/v1",
        "kind": "Route",
        "metadata": {"name": "web", "namespace": NAMESPACE},
        "spec": {
            "host": HOST,
            "to": {"kind": "Service", "name": "web", "weight": 100},
            "tls": {"termination": "edge"},
        },
    },
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "reader", "namespace": NAMESPACE},
        "rules": [
            {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]},
            {
                "apiGroups": ["route.openshift.io"],
                "resources": ["routes"],
                "verbs": ["list"],
            },
        ],
    },
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "reader", "namespace": NAMESPACE},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "Role",
            "name": "reader",
        },
        "subjects": [
            {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": USER}
        ],
    },
]


@dataclass
class OpenShift:
    """The cluster, and a user who may look into one namespace."""

    environment: dict[str, str]
    api_server: ApiServer
    tokens: set[str] = field(default_factory=set[str])


@contextmanager
def openshift(
    network: Network, admin: client.ApiClient, cluster: Cluster, folder: Path
) -> Generator[OpenShift]:
    """Put OpenShift on the network, with one user, one Route and one Pod."""
    authority = trustme.CA(organization_name="The cluster's")
    # The API server and the router have one each. Who comes in needs both.
    both = folder / "openshift-ca.pem"
    both.write_bytes(authority.cert_pem.bytes() + network.authority.cert_pem.bytes())
    made = OpenShift(
        environment={
            **network.environment,
            "OPENSHIFT_CA": str(both),
            "OPENSHIFT_USER": USER,
            "OPENSHIFT_PASSWORD": PASSWORD,
        },
        api_server=ApiServer(admin, lambda token: _caller(token, made)),
    )
    network.serve(API, lambda request: _api(request, made), authority)
    network.serve(OAUTH, lambda request: _authorize(request, made))
    # One after the other, and back: the namespace has to be gone before the kind goes.
    with (
        run.prepared(cluster, Story("routes", (KIND,), "", "", ())),
        run.prepared(cluster, Story("shop", tuple(SETUP), NAMESPACE, "web", ())),
    ):
        yield made


def _caller(token: str, made: OpenShift) -> Caller:
    """The user to whom the OAuth server gave this token."""
    if token not in made.tokens:
        raise NotAuthenticated("not a token of the OAuth server")
    return Caller(USER, GROUPS)


def _api(request: Request, made: OpenShift) -> Answer:
    """The API server; where the OAuth server is, it tells to everybody."""
    if request.path != "/.well-known/oauth-authorization-server":
        return made.api_server(request)
    metadata = {
        "issuer": f"https://{OAUTH}",
        "authorization_endpoint": f"https://{OAUTH}/oauth/authorize",
        "token_endpoint": f"https://{OAUTH}/oauth/token",
        "response_types_supported": ["code", "token"],
        "grant_types_supported": ["authorization_code", "implicit"],
        "code_challenge_methods_supported": ["plain", "S256"],
    }
    return Answer(
        200, json.dumps(metadata).encode(), {"Content-Type": "application/json"}
    )


def _authorize(request: Request, made: OpenShift) -> Answer:
    """A token in the address of a redirect, for who answers the challenge."""
    split = urlsplit(request.path)
    query = {name: values[0] for name, values in parse_qs(split.query).items()}
    if split.path != "/oauth/authorize":
        return Answer(404)
    wanted = {"client_id": "openshift-challenging-client", "response_type": "token"}
    if query != wanted:
        return Answer(400, b"another client, or another type of answer")
    if not request.headers.get("x-csrf-token"):
        message = b"A non-empty X-CSRF-Token header is required to receive challenges"
        return Answer(401, message)
    secret = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    if request.headers.get("authorization") != f"Basic {secret}":
        return Answer(401, headers={"WWW-Authenticate": 'Basic realm="openshift"'})
    token = f"sha256~{secrets.token_urlsafe(32)}"
    made.tokens.add(token)
    fragment = urlencode(
        {
            "access_token": token,
            "expires_in": 86400,
            "scope": "user:full",
            "token_type": "Bearer",
        }
    )
    to = f"https://{OAUTH}/oauth/token/implicit#{fragment}"
    return Answer(302, headers={"Location": to})
