"""AWS with a cluster of EKS: moto's APIs, and an API server that asks STS who calls.

moto plays AWS. What it lacks is done here: to take presigned URLs, and to check their
signatures. The API server checks tokens as EKS does, which runs
https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/token/token.go
"""

import base64
import binascii
import json
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import boto3
import requests
import trustme
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from kubernetes import client
from moto.eks.models import eks_backends
from moto.server import ThreadedMotoServer

from tests.examples.stand_ins.api_server import ApiServer, Caller, NotAuthenticated
from tests.examples.stand_ins.network import Answer, Network, Request

ACCOUNT = "123456789012"  # moto's
READER = f"arn:aws:iam::{ACCOUNT}:user/reader"
CLUSTER = "demo"
REGION = "eu-central-1"
ELSEWHERE = "eu-west-1"
ENDPOINT = "0123456789ABCDEF0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com"
STS = f"sts.{REGION}.amazonaws.com"
SERVICES = ["eks", "iam", "sts"]

# What an AWS service says in headers: errors have their name there.
HEADERS = {"content-type", "x-amzn-errortype", "x-amzn-requestid"}

ROOT = Credentials("root", "root")

PREFIX = "k8s-aws-v1."
CLUSTER_HEADER = "x-k8s-aws-id"
LIFETIME = timedelta(minutes=15)
LONGEST = 4096
PARAMETERS = {
    "action",
    "version",
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
}


@dataclass
class Eks:
    """The cluster, and a user of IAM.

    `environment` has the user's credentials. `known` are those who have an access
    entry. `ahead` is how far the API server's clock is ahead of this machine's.
    """

    environment: dict[str, str]
    api_server: ApiServer
    known: set[str]
    ahead: timedelta = timedelta(0)


@contextmanager
def eks(network: Network, admin: client.ApiClient) -> Generator[Eks]:
    """Put AWS on the network, with one cluster and one user."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    try:
        _, port = moto.get_host_and_port()
        keys = _make_user(f"http://127.0.0.1:{port}")
        authority = _make_cluster(f"http://127.0.0.1:{port}")
        aws = _Aws(port, keys)
        for region in (REGION, ELSEWHERE):
            for service in SERVICES:
                network.serve(f"{service}.{region}.amazonaws.com", aws)
        made = Eks(
            environment={
                **network.environment,
                "AWS_ACCESS_KEY_ID": keys.access_key,
                "AWS_SECRET_ACCESS_KEY": keys.secret_key,
                # Not those of whoever runs the tests.
                "AWS_CONFIG_FILE": "/dev/null",
                "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
                "AWS_EC2_METADATA_DISABLED": "true",
            },
            api_server=ApiServer(admin, lambda token: _caller(token, network, made)),
            known={READER},
        )
        network.serve(ENDPOINT, made.api_server, authority)
        yield made
    finally:
        moto.stop()


def _client(service: str, url: str, keys: Credentials = ROOT) -> Any:
    session: Any = boto3.Session(keys.access_key, keys.secret_key, region_name=REGION)
    # Straight to moto, whatever the network of the program is.
    options = Config(proxies={"http": ""})
    return session.client(service, endpoint_url=url, config=options)


def _make_user(url: str) -> Credentials:
    iam = _client("iam", url)
    for user in iam.list_users()["Users"]:  # moto keeps them beyond its server
        for key in iam.list_access_keys(UserName=user["UserName"])["AccessKeyMetadata"]:
            iam.delete_access_key(
                UserName=user["UserName"], AccessKeyId=key["AccessKeyId"]
            )
        iam.delete_user(UserName=user["UserName"])
    iam.create_user(UserName="reader")
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def _make_cluster(url: str) -> trustme.CA:
    """Make the cluster, and give it an address and a CA that are on this machine."""
    authority = trustme.CA(organization_name="The cluster's")
    eks = _client("eks", url)
    if CLUSTER in eks.list_clusters()["clusters"]:
        eks.delete_cluster(name=CLUSTER)
    eks.create_cluster(
        name=CLUSTER,
        version="1.37",
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/cluster",
        resourcesVpcConfig={"subnetIds": []},
    )
    cluster: Any = eks_backends[ACCOUNT][REGION].clusters[CLUSTER]
    cluster.endpoint = f"https://{ENDPOINT}"
    pem = authority.cert_pem.bytes()
    cluster.certificate_authority = {"data": base64.b64encode(pem).decode()}
    return authority


class _Aws:
    """moto, and STS for presigned URLs."""

    def __init__(self, port: int, keys: Credentials) -> None:
        self._port = port
        self._keys = keys

    def __call__(self, request: Request) -> Answer:
        if "X-Amz-Signature" in request.path:
            return self._presigned(request)
        answer = requests.request(
            request.method,
            f"http://127.0.0.1:{self._port}{request.path}",
            headers=request.headers,
            data=request.body,
            timeout=30,
            proxies={"http": ""},
        )
        headers = {k: v for k, v in answer.headers.items() if k.lower() in HEADERS}
        return Answer(answer.status_code, answer.content, headers)

    def _presigned(self, request: Request) -> Answer:
        """What STS says to who asks by a presigned URL, in JSON as to EKS."""
        url = f"https://{request.headers['host']}{request.path}"
        if not secrets.compare_digest(*self._signatures(url, request.headers)):
            return Answer(403, b"SignatureDoesNotMatch")
        moto = f"http://127.0.0.1:{self._port}"
        identity = _client("sts", moto, self._keys).get_caller_identity()
        del identity["ResponseMetadata"]
        body = {"GetCallerIdentityResponse": {"GetCallerIdentityResult": identity}}
        return Answer(200, json.dumps(body).encode())

    def _signatures(self, url: str, headers: dict[str, str]) -> tuple[str, str]:
        """The signature of a presigned URL, and what it should be.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
        """
        split = urlsplit(url)
        query = dict(parse_qsl(split.query))
        given = query.pop("X-Amz-Signature")
        key, day, region, service, _ = query["X-Amz-Credential"].split("/")
        if key != self._keys.access_key or not query["X-Amz-Date"].startswith(day):
            return given, ""
        signed = query["X-Amz-SignedHeaders"].split(";")
        unsigned = urlunsplit(split._replace(query=urlencode(query)))
        signed_headers = {name: headers.get(name, "") for name in signed}
        request: Any = AWSRequest("GET", unsigned, headers=signed_headers)
        request.context["timestamp"] = query["X-Amz-Date"]
        auth: Any = SigV4QueryAuth(self._keys, service, region)
        canonical = auth.canonical_request(request)
        text = auth.string_to_sign(request, canonical)
        return given, auth.signature(text, request)


def _caller(token: str, network: Network, made: Eks) -> Caller:
    """Whom EKS takes the bearer of a token for.

    Raises NotAuthenticated, with the reason, where the authenticator of EKS would not
    take it, or where there is no access entry for this principal.
    """
    url = _url_in(token)
    split = urlsplit(url)
    if (split.scheme, split.netloc, split.path) != ("https", STS, "/"):
        raise NotAuthenticated(f"{split.scheme}://{split.netloc}{split.path} is no STS")
    pairs = parse_qsl(split.query)
    query = {name.lower(): value for name, value in pairs}
    if len(query) != len(pairs) or not query.keys() <= PARAMETERS:
        raise NotAuthenticated("a parameter twice, or one that is not expected")
    if query.get("action") != "GetCallerIdentity":
        raise NotAuthenticated("another action")
    if CLUSTER_HEADER not in query.get("x-amz-signedheaders", "").split(";"):
        raise NotAuthenticated("the cluster's name is not signed")
    if not 0 <= int(query["x-amz-expires"]) <= 900:
        raise NotAuthenticated("X-Amz-Expires is not between 0 and 900")
    signed = datetime.strptime(query["x-amz-date"], "%Y%m%dT%H%M%SZ")
    if datetime.now(UTC) + made.ahead > signed.replace(tzinfo=UTC) + LIFETIME:
        raise NotAuthenticated("expired")
    answer = requests.get(
        url,
        headers={CLUSTER_HEADER: CLUSTER, "Accept": "application/json"},
        proxies={"https": network.url},
        verify=str(network.authority_file),
        timeout=30,
    )
    if answer.status_code != 200:
        raise NotAuthenticated(f"STS says {answer.status_code}")
    result = answer.json()["GetCallerIdentityResponse"]["GetCallerIdentityResult"]
    arn = str(result["Arn"])
    if arn not in made.known:
        raise NotAuthenticated(f"no access entry for {arn}")
    # The name that an access entry of type STANDARD gives to a user of IAM:
    # https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
    return Caller(arn)


def _url_in(token: str) -> str:
    if len(token) > LONGEST or not token.startswith(PREFIX):
        raise NotAuthenticated(f"too long, or not {PREFIX}...")
    text = token.removeprefix(PREFIX)
    if "=" in text:
        raise NotAuthenticated("base64 with padding")
    try:
        padding = "=" * (-len(text) % 4)
        return base64.urlsafe_b64decode(text + padding).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise NotAuthenticated("not base64") from None
