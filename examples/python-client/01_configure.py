# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Find out which cluster to talk to, and as whom."""

from urllib.parse import urlsplit

from kubernetes import client, config

NAMESPACE = "overview-python-client"

# In a Pod: the address of the API server, its CA, and the ServiceAccount's token, which
# the kubelet renews. Elsewhere: a kubeconfig, that is KUBECONFIG or ~/.kube/config.
# A Configuration of your own leaves the one alone that all others share.
configuration = client.Configuration()
try:
    config.load_incluster_config(client_configuration=configuration)
except config.ConfigException as error:
    print(f"not in a Pod: {error}")
    #> not in a Pod: Service host/port is not set.
    config.load_kube_config(client_configuration=configuration)

    # kubectl takes this namespace by itself. The client asks for one in each call.
    _, current = config.list_kube_config_contexts()
    namespace = current["context"].get("namespace", "default")
    print(f"namespace of the context: {namespace}")
    #> namespace of the context: overview-python-client

configuration.keep_alive = True  # notice a connection that has died silently

with client.ApiClient(configuration) as api:
    # Settings that are made now come too late: the pool of connections is there.
    me = client.AuthenticationV1Api(api).create_self_subject_review(
        client.V1SelfSubjectReview(), _request_timeout=30
    )
    print(f"I am {me.status.user_info.username}")
    #> I am system:serviceaccount:overview-python-client:python-client
    scheme = urlsplit(configuration.host).scheme
    print(f"by {scheme}, certificate checked: {configuration.verify_ssl}")
    #> by https, certificate checked: True
