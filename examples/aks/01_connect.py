# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "azure-core",
#   "azure-identity>=1.27,<2",
#   "azure-mgmt-containerservice>=41,<42",
#   "kubernetes>=37,<38",
#   "pyyaml",
# ]
#
# [tool.sandbox]
# needs = ["aks"]
# ///
"""Connect to a cluster of Azure AKS, for longer than a token is good."""

import sys

import yaml
from azure.core.exceptions import AzureError
from azure.identity import DefaultAzureCredential, get_bearer_token_provider
from azure.mgmt.containerservice import ContainerServiceClient
from kubernetes import client, config

SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
GROUP = "demo"
CLUSTER = "demo"
# Stands for the API servers of all AKS clusters, in every tenant.
SCOPE = "6dae42f8-4368-4678-94ff-3960e28e3630/.default"

credential = DefaultAzureCredential()
azure = ContainerServiceClient(credential, SUBSCRIPTION)
try:
    found = azure.managed_clusters.list_cluster_user_credentials(
        GROUP, CLUSTER, format="exec"
    )
except AzureError as error:
    reason = error.message.splitlines()[0]
    print(f"cluster {CLUSTER} in {GROUP}: {reason}", file=sys.stderr)
    sys.exit(2)

# The server and its CA are what we want. The user would be a call of kubelogin.
kubeconfig = yaml.safe_load(found.kubeconfigs[0].value)
kubeconfig["users"][0]["user"] = {}
configuration = client.Configuration()
config.load_kube_config_from_dict(kubeconfig, client_configuration=configuration)

# Keeps a token, and gets a new one in its last minutes.
bearer_token = get_bearer_token_provider(credential, SCOPE)


def renew(configuration: client.Configuration) -> None:
    """Put in a token that is good. The client calls this before each request."""
    configuration.api_key["BearerToken"] = f"Bearer {bearer_token()}"


renew(configuration)
configuration.refresh_api_key_hook = renew

api = client.ApiClient(configuration)
review = client.AuthenticationV1Api(api).create_self_subject_review(
    {}, _request_timeout=30
)
print(f"I am {review.status.user_info.username}")
#> I am 44444444-4444-4444-4444-444444444444
