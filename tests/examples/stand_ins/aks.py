"""Azure with a cluster of AKS: Microsoft Entra ID, Azure's API for clusters, and an API
server that reads the tokens of the first.

What they say follows
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
https://learn.microsoft.com/rest/api/aks/managed-clusters/list-cluster-user-credentials
"""

import base64
import json
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import trustme
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa
from kubernetes import client

from tests.examples.stand_ins.api_server import ApiServer, Caller, NotAuthenticated
from tests.examples.stand_ins.network import Answer, Network, Request

LOGIN = "login.microsoftonline.com"
MANAGEMENT = "management.azure.com"
ENDPOINT = "demo-dns-0a1b2c3d.hcp.westeurope.azmk8s.io"

TENANT = "11111111-1111-1111-1111-111111111111"
SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
APPLICATION = "33333333-3333-3333-3333-333333333333"
OBJECT = "44444444-4444-4444-4444-444444444444"
SECRET = "a-secret-of-the-test"
GROUP, CLUSTER = "demo", "demo"

# The application in Entra ID that stands for the API servers of all AKS clusters:
# https://learn.microsoft.com/azure/aks/kubelogin-authentication
SERVER_APPLICATION = "6dae42f8-4368-4678-94ff-3960e28e3630"
ISSUER = f"https://{LOGIN}/{TENANT}/v2.0"


@dataclass
class Aks:
    """The cluster, and an application that may use it.

    `lifetime` is how long a new token is good, in seconds. `issued` has the scope of
    each one.
    """

    environment: dict[str, str]
    api_server: ApiServer
    issued: list[str]
    key: rsa.RSAPrivateKey
    lifetime: int = 3600

    def token(self, audience: str, key: rsa.RSAPrivateKey | None = None) -> str:
        """A token of Entra ID for this audience, or one that another key has signed."""
        now = int(time.time())
        claims = {
            "aud": audience,
            "iss": ISSUER,
            "iat": now,
            "nbf": now - 1,
            "exp": now + self.lifetime,
            "appid": APPLICATION,
            "oid": OBJECT,
            "tid": TENANT,
        }
        return jwt.encode(claims, key or self.key, "RS256")


@contextmanager
def aks(network: Network, admin: client.ApiClient) -> Generator[Aks]:
    """Put Azure on the network, with one cluster and one application."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    authority = trustme.CA(organization_name="The cluster's")
    made = Aks(
        environment={
            **network.environment,
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": APPLICATION,
            "AZURE_CLIENT_SECRET": SECRET,
        },
        api_server=ApiServer(admin, lambda token: _caller(token, key)),
        issued=[],
        key=key,
    )
    network.serve(LOGIN, lambda request: _login(request, made))
    network.serve(MANAGEMENT, lambda request: _management(request, key, authority))
    network.serve(ENDPOINT, made.api_server, authority)
    yield made


def _claims(token: str, key: rsa.RSAPrivateKey, audience: str) -> dict[str, Any]:
    return jwt.decode(token, key.public_key(), ["RS256"], audience=audience)


def _caller(token: str, key: rsa.RSAPrivateKey) -> Caller:
    """Whom AKS takes the bearer of a token for: for an application, its object ID.

    https://learn.microsoft.com/azure/aks/azure-ad-rbac
    """
    try:
        return Caller(_claims(token, key, SERVER_APPLICATION)["oid"])
    except jwt.InvalidTokenError as error:
        raise NotAuthenticated(str(error)) from None


def _json(status: int, body: Any) -> Answer:
    return Answer(
        status, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )


def _login(request: Request, entra: Aks) -> Answer:
    """Entra ID: where to get tokens, and tokens for who knows the secret."""
    path = urlsplit(request.path).path
    if path == f"/{TENANT}/v2.0/.well-known/openid-configuration":
        return _json(
            200,
            {
                "issuer": ISSUER,
                "authorization_endpoint": f"https://{LOGIN}/{TENANT}/oauth2/v2.0/authorize",
                "token_endpoint": f"https://{LOGIN}/{TENANT}/oauth2/v2.0/token",
            },
        )
    if path == "/common/discovery/instance":
        # Asked when something has gone wrong: which names mean the same server?
        alias = {"preferred_network": LOGIN, "preferred_cache": LOGIN}
        return _json(200, {"metadata": [{**alias, "aliases": [LOGIN]}]})
    if path != f"/{TENANT}/oauth2/v2.0/token":
        return _json(404, {"error": "not_found", "error_description": path})
    form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    if form.get("grant_type") != "client_credentials":
        return _json(400, {"error": "unsupported_grant_type"})
    if (form.get("client_id"), form.get("client_secret")) != (APPLICATION, SECRET):
        # https://learn.microsoft.com/entra/identity-platform/reference-error-codes
        description = "AADSTS7000215: Invalid client secret provided."
        return _json(401, {"error": "invalid_client", "error_description": description})
    # MSAL adds scopes of its own to others only, not to this flow.
    scope = form["scope"]
    entra.issued.append(scope)
    return _json(
        200,
        {
            "token_type": "Bearer",
            "expires_in": entra.lifetime,
            "access_token": entra.token(scope.removesuffix("/.default")),
        },
    )


def _management(
    request: Request, key: rsa.RSAPrivateKey, authority: trustme.CA
) -> Answer:
    """Azure Resource Manager: the kubeconfig of the one cluster there is."""
    try:
        _claims(request.bearer or "", key, f"https://{MANAGEMENT}")
    except jwt.InvalidTokenError as error:
        details = {"code": "InvalidAuthenticationToken", "message": str(error)}
        return _json(401, {"error": details})
    split = urlsplit(request.path)
    cluster = (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
        f"/providers/Microsoft.ContainerService/managedClusters/{CLUSTER}"
    )
    name, _, action = split.path.rpartition("/")
    if (request.method, action) != ("POST", "listClusterUserCredential"):
        return _json(405, {"error": {"code": "MethodNotAllowed", "message": action}})
    if name != cluster:
        _, _, kind = name.partition("/providers/")
        message = f"The Resource '{kind}' under resource group '{GROUP}' was not found."
        return _json(404, {"error": {"code": "ResourceNotFound", "message": message}})
    if parse_qs(split.query).get("format") != ["exec"]:
        return _json(400, {"error": {"code": "BadRequest", "message": "format?"}})
    value = base64.b64encode(yaml.safe_dump(kubeconfig(authority)).encode())
    return _json(
        200, {"kubeconfigs": [{"name": "clusterUser", "value": value.decode()}]}
    )


def kubeconfig(authority: trustme.CA) -> dict[str, Any]:
    """What AKS hands out for a cluster whose users are those of Entra ID.

    https://learn.microsoft.com/azure/aks/kubelogin-authentication
    """
    pem = authority.cert_pem.bytes()
    user = f"clusterUser_{GROUP}_{CLUSTER}"
    run = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "kubelogin",
        "args": [
            "get-token",
            "--environment",
            "AzurePublicCloud",
            "--server-id",
            SERVER_APPLICATION,
            "--client-id",
            "80faf920-1908-4b52-b5ef-a8e7bedfc67a",
            "--tenant-id",
            TENANT,
            "--login",
            "devicecode",
        ],
        "env": None,
        "provideClusterInfo": False,
    }
    cluster = {
        "certificate-authority-data": base64.b64encode(pem).decode(),
        "server": f"https://{ENDPOINT}:443",
    }
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CLUSTER, "cluster": cluster}],
        "contexts": [{"name": CLUSTER, "context": {"cluster": CLUSTER, "user": user}}],
        "current-context": CLUSTER,
        "users": [{"name": user, "user": {"exec": run}}],
    }
