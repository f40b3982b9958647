# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Read a Secret by its name, and be refused all that this identity may not read."""

import base64

from kubernetes import client, config

NAMESPACE = "overview-configuration"

config.load_kube_config()
core = client.CoreV1Api()
authorization = client.AuthorizationV1Api()

others = client.V1Secret(
    metadata=client.V1ObjectMeta(name="others"), string_data={"PASSWORD": "theirs"}
)
core.create_namespaced_secret(NAMESPACE, others, _request_timeout=30)

for what, read in [
    (
        "get login",
        lambda: core.read_namespaced_secret("login", NAMESPACE, _request_timeout=10),
    ),
    (
        "get others",
        lambda: core.read_namespaced_secret("others", NAMESPACE, _request_timeout=10),
    ),
    ("list", lambda: core.list_namespaced_secret(NAMESPACE, _request_timeout=10)),
]:
    try:
        answer = base64.b64decode(read().data["PASSWORD"]).decode()
    except client.ApiException as error:
        answer = f"{error.status} {error.reason}"
    print(f"{what}: {answer}")
    #> get login: not-a-real-one
    #> get others: 403 Forbidden
    #> list: 403 Forbidden

# A question that everybody may ask the API server about themselves.
review = client.V1SelfSubjectAccessReview(
    spec=client.V1SelfSubjectAccessReviewSpec(
        resource_attributes=client.V1ResourceAttributes(
            namespace=NAMESPACE, group="apps", resource="deployments", verb="create"
        )
    )
)
answer = authorization.create_self_subject_access_review(review, _request_timeout=30)
print(f"may run Pods that name any Secret: {answer.status.allowed}")
#> may run Pods that name any Secret: True
