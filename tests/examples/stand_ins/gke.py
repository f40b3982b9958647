"""Google Cloud with a cluster of GKE: tokens, the API for clusters, and an API server
that knows the tokens, at an IP address and at a DNS name.

What they say follows
https://developers.google.com/identity/protocols/oauth2/service-account and
https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters
"""

import base64
import json
import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from kubernetes import client

from tests.examples.stand_ins.api_server import ApiServer, Caller, NotAuthenticated
from tests.examples.stand_ins.network import Answer, Network, Request

TOKENS = "oauth2.googleapis.com"
CLUSTERS = "container.googleapis.com"
ADDRESS = "203.0.113.5"  # set aside for documentation, by RFC 5737
DNS_ENDPOINT = "gke-0a1b2c3d4e5f-123456789012.europe-west1.gke.goog"

PROJECT, LOCATION, CLUSTER = "demo-project", "europe-west1", "demo"
EMAIL = f"reader@{PROJECT}.iam.gserviceaccount.com"
UNIQUE_ID = "100000000000000000000"
CLOUD, OF_EMAIL = (
    f"https://www.googleapis.com/auth/{name}"
    for name in ("cloud-platform", "userinfo.email")
)


@dataclass
class Gke:
    """The cluster, and a service account of Google Cloud that may use it.

    `dns` is whether users are let in at the DNS name. `lifetime` is how long a new
    access token is good, in seconds; `tokens` has the end of each, and `callers` whom
    GKE takes its bearer for.
    """

    environment: dict[str, str]
    api_server: ApiServer
    at_address: list[str] = field(default_factory=list[str])
    at_name: list[str] = field(default_factory=list[str])
    tokens: dict[str, float] = field(default_factory=dict[str, float])
    callers: dict[str, str] = field(default_factory=dict[str, str])
    lifetime: int = 3600
    dns: bool = True


@contextmanager
def gke(network: Network, admin: client.ApiClient, folder: Path) -> Generator[Gke]:
    """Put Google Cloud on the network, with one cluster and one service account."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    authority = trustme.CA(organization_name="The cluster's")
    made = Gke(
        environment={
            **network.environment,
            "GOOGLE_APPLICATION_CREDENTIALS": str(_write_key(key, folder)),
        },
        api_server=ApiServer(admin, lambda token: _caller(token, made)),
    )

    def at(log: list[str]):
        def answer(request: Request) -> Answer:
            log.append(request.path)
            return made.api_server(request)

        return answer

    network.serve(TOKENS, lambda request: _token(request, key, made))
    network.serve(CLUSTERS, lambda request: _get_cluster(request, key, made, authority))
    network.serve(ADDRESS, at(made.at_address), authority)
    network.serve(DNS_ENDPOINT, at(made.at_name))
    yield made


def _write_key(key: rsa.RSAPrivateKey, folder: Path) -> Path:
    """The file that Google Cloud hands out for a key of a service account."""
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "service-account.json"
    path.touch(mode=0o600)
    path.write_text(
        json.dumps(
            {
                "type": "service_account",
                "project_id": PROJECT,
                "private_key_id": "1",
                "private_key": pem.decode(),
                "client_email": EMAIL,
                "client_id": UNIQUE_ID,
                "token_uri": f"https://{TOKENS}/token",
            }
        )
    )
    return path


def _json(status: int, body: Any) -> Answer:
    return Answer(
        status, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )


def _token(request: Request, key: rsa.RSAPrivateKey, made: Gke) -> Answer:
    """An access token for who signs a claim with the key of the service account."""
    form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
        return _json(400, {"error": "unsupported_grant_type"})
    audience = f"https://{TOKENS}/token"
    try:
        claims = jwt.decode(
            form["assertion"], key.public_key(), ["RS256"], audience=audience
        )
    except jwt.InvalidTokenError:
        description = "Invalid JWT Signature."
        return _json(400, {"error": "invalid_grant", "error_description": description})
    scopes = claims["scope"].split()
    if claims["iss"] != EMAIL or CLOUD not in scopes:
        return _json(401, {"error": "unauthorized_client"})
    token = f"ya29.{secrets.token_urlsafe(32)}"
    made.tokens[token] = time.time() + made.lifetime
    made.callers[token] = EMAIL if OF_EMAIL in scopes else UNIQUE_ID
    return _json(
        200,
        {"access_token": token, "expires_in": made.lifetime, "token_type": "Bearer"},
    )


def _caller(token: str, made: Gke) -> Caller:
    """Whom GKE takes the bearer of a token for: a service account, by its email.

    Without the scope for that, it is known by its number:
    https://cloud.google.com/kubernetes-engine/docs/how-to/role-based-access-control
    """
    if token not in made.tokens:
        raise NotAuthenticated("no access token of Google Cloud")
    if made.tokens[token] < time.time():
        raise NotAuthenticated("expired")
    return Caller(made.callers[token])


def _get_cluster(
    request: Request, key: rsa.RSAPrivateKey, made: Gke, authority: trustme.CA
) -> Answer:
    """GKE's own API, for who has an access token or, as its client does for a service
    account, a token that they have signed themselves.
    """
    token = request.bearer or ""
    try:
        if token not in made.tokens:
            jwt.decode(
                token, key.public_key(), ["RS256"], options={"verify_aud": False}
            )
    except jwt.InvalidTokenError:
        return _error(401, "UNAUTHENTICATED", "Request had invalid credentials.")
    name = urlsplit(request.path).path.removeprefix("/v1/")
    if name != f"projects/{PROJECT}/locations/{LOCATION}/clusters/{CLUSTER}":
        return _error(404, "NOT_FOUND", f"Not found: {name}.")
    pem = authority.cert_pem.bytes()
    return _json(
        200,
        {
            "name": CLUSTER,
            "location": LOCATION,
            "status": "RUNNING",
            "endpoint": ADDRESS,
            "masterAuth": {"clusterCaCertificate": base64.b64encode(pem).decode()},
            "controlPlaneEndpointsConfig": {
                "dnsEndpointConfig": {
                    "endpoint": DNS_ENDPOINT,
                    "allowExternalTraffic": made.dns,
                },
                "ipEndpointsConfig": {
                    "enabled": True,
                    "enablePublicEndpoint": True,
                    "publicEndpoint": ADDRESS,
                },
            },
        },
    )


def _error(status: int, name: str, message: str) -> Answer:
    """https://cloud.google.com/apis/design/errors#http_mapping"""
    details = {"code": status, "message": message, "status": name}
    return _json(status, {"error": details})
