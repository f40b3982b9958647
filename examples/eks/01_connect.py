# /// script
# requires-python = ">=3.11"
# dependencies = ["boto3>=1.44,<2", "botocore", "kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["eks"]
# ///
"""Connect to a cluster of Amazon EKS, for longer than a token is good."""

import base64
import sys
import time

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from kubernetes import client

CLUSTER = "demo"
REGION = "eu-central-1"
RENEW_AFTER = 10 * 60  # seconds; EKS takes a token for 15 minutes

aws = boto3.Session(region_name=REGION)
try:
    cluster = aws.client("eks").describe_cluster(name=CLUSTER)["cluster"]
except (BotoCoreError, ClientError) as error:
    print(f"cluster {CLUSTER} in {REGION}: {error}", file=sys.stderr)
    sys.exit(2)


def name_the_cluster(request, **_) -> None:
    """Have the cluster's name signed too, so that no other cluster takes the token."""
    request.headers["x-k8s-aws-id"] = CLUSTER


sts = aws.client("sts")
sts.meta.events.register("before-sign.sts.GetCallerIdentity", name_the_cluster)


def new_token() -> str:
    """Return a signed question "Who am I?", which EKS will put to STS. Asks nobody."""
    url = sts.generate_presigned_url(
        "get_caller_identity", ExpiresIn=60, HttpMethod="GET"
    )
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


signed_at = 0.0


def renew(configuration: client.Configuration) -> None:
    """Put in a new token in good time. The client calls this before each request."""
    global signed_at
    # By the clock on the wall, as EKS does: time.monotonic() may stop in a sleep.
    if not 0 <= time.time() - signed_at < RENEW_AFTER:
        configuration.api_key["BearerToken"] = f"Bearer {new_token()}"
        signed_at = time.time()


configuration = client.Configuration(
    host=cluster["endpoint"],
    ca_cert_data=base64.b64decode(cluster["certificateAuthority"]["data"]).decode(),
    api_key={"BearerToken": ""},  # the client calls nobody if there is none
)
configuration.refresh_api_key_hook = renew

api = client.ApiClient(configuration)
try:
    review = client.AuthenticationV1Api(api).create_self_subject_review(
        {}, _request_timeout=30
    )
except client.ApiException as error:
    told = f"{error.status} {error.reason}: has it an access entry for you?"
    print(f"cluster {CLUSTER} in {REGION}: {told}", file=sys.stderr)
    sys.exit(2)
print(f"I am {review.status.user_info.username}")
#> I am arn:aws:iam::123456789012:user/reader
