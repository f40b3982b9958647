# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""kubectl auth can-i and auth whoami."""

from kubernetes import client, config

NAMESPACE = "overview-kubectl-to-python"


def kubectl_auth_can_i(
    api: client.ApiClient, verb: str, resource: str, namespace: str
) -> bool:
    """kubectl auth can-i VERB RESOURCE, as in get deployments.apps or create pods/exec

    Without a group in its name, a resource is one of the core group; kubectl looks up
    the group by itself.
    """
    named, _, subresource = resource.partition("/")
    plural, _, group = named.partition(".")
    review = client.AuthorizationV1Api(api).create_self_subject_access_review(
        client.V1SelfSubjectAccessReview(
            spec=client.V1SelfSubjectAccessReviewSpec(
                resource_attributes=client.V1ResourceAttributes(
                    namespace=namespace,
                    verb=verb,
                    group=group,
                    resource=plural,
                    subresource=subresource,
                )
            )
        ),
        _request_timeout=30,
    )
    return review.status.allowed


def kubectl_auth_whoami(api: client.ApiClient) -> client.V1UserInfo:
    """kubectl auth whoami"""
    review = client.AuthenticationV1Api(api).create_self_subject_review(
        client.V1SelfSubjectReview(), _request_timeout=30
    )
    return review.status.user_info


if __name__ == "__main__":
    config.load_kube_config()
    api = client.ApiClient()

    me = kubectl_auth_whoami(api)
    print(me.username.rpartition(":")[2])
    #> kubectl-to-python
    for verb, resource in [
        ("patch", "deployments.apps"),
        ("patch", "deployments"),
        ("delete", "pods"),
        ("create", "pods/exec"),
    ]:
        may = kubectl_auth_can_i(api, verb, resource, NAMESPACE)
        print(f"{verb} {resource}: {'yes' if may else 'no'}")
        #> patch deployments.apps: yes
        #> patch deployments: no
        #> delete pods: no
        #> create pods/exec: no
