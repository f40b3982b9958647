# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "google-api-core",
#   "google-auth[requests]>=2.63,<3",
#   "google-cloud-container>=2.67,<3",
#   "kubernetes>=37,<38",
# ]
#
# [tool.sandbox]
# needs = ["gke"]
# ///
"""Connect to a cluster of Google GKE, for longer than a token is good."""

import base64
import sys

import google.auth
from google.api_core.exceptions import GoogleAPICallError
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request
from google.cloud.container_v1 import ClusterManagerClient
from kubernetes import client

PROJECT = "demo-project"
CLUSTER = "demo"
LOCATION = "europe-west1"  # a region, or a zone for a cluster in one zone

try:
    # Whose credentials these are need not be in the cluster's project.
    credentials, _ = google.auth.default(
        scopes=[
            "https://www.googleapis.com/auth/cloud-platform",
            # Without it, GKE knows a service account by a number, not by its email.
            "https://www.googleapis.com/auth/userinfo.email",
        ]
    )
    # By HTTP and JSON, so that proxies and CAs are set as for all else. The default is
    # gRPC, which has variables of its own for them.
    gke = ClusterManagerClient(credentials=credentials, transport="rest")
    cluster = gke.get_cluster(
        name=f"projects/{PROJECT}/locations/{LOCATION}/clusters/{CLUSTER}"
    )
except (GoogleAuthError, GoogleAPICallError) as error:
    print(f"cluster {CLUSTER} in {LOCATION}: {error}", file=sys.stderr)
    sys.exit(2)

# The client calls its hook only if there is a token already, be it an empty one.
configuration = client.Configuration(api_key={"BearerToken": ""})
dns = cluster.control_plane_endpoints_config.dns_endpoint_config
if dns.allow_external_traffic:
    # Its certificate is from a CA that your system knows.
    configuration.host = f"https://{dns.endpoint}"
else:
    configuration.host = f"https://{cluster.endpoint}"
    authority = base64.b64decode(cluster.master_auth.cluster_ca_certificate)
    configuration.ca_cert_data = authority.decode()


def renew(configuration: client.Configuration) -> None:
    """Put in a token that is good. The client calls this before each request."""
    if not credentials.valid:
        credentials.refresh(Request())
    configuration.api_key["BearerToken"] = f"Bearer {credentials.token}"


configuration.refresh_api_key_hook = renew

api = client.ApiClient(configuration)
review = client.AuthenticationV1Api(api).create_self_subject_review(
    {}, _request_timeout=30
)
print(f"I am {review.status.user_info.username}")
#> I am reader@demo-project.iam.gserviceaccount.com
