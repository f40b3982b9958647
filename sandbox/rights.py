"""When is what setup.yaml grants in force?"""

from collections.abc import Iterator
from typing import Any

from kubernetes import client

from sandbox import waiting
from sandbox.story import Story

GRANT_SECONDS = 60


def wait_until_granted(api: client.ApiClient, story: Story) -> None:
    """Wait until the API server allows what the story's roles say.

    It hears of a new role and of its binding by a watch, like any controller, and
    refuses meanwhile. `api` acts as the story's ServiceAccount.

    Raises UserError if that takes longer than GRANT_SECONDS for one of them.
    """
    authorization = client.AuthorizationV1Api(api)
    for attributes in _one_of_each(story):
        review = client.V1SelfSubjectAccessReview(
            spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes)
        )

        def refusal(review: client.V1SelfSubjectAccessReview = review) -> str | None:
            status = authorization.create_self_subject_access_review(review).status
            if status and status.allowed:
                return None
            return (status and status.reason) or "not yet"

        what = f"{attributes.verb} {attributes.resource}, as setup.yaml grants it"
        waiting.until(what, refusal, GRANT_SECONDS)


def _one_of_each(story: Story) -> Iterator[client.V1ResourceAttributes]:
    """One action that each bound role allows. A role is in force as a whole."""
    roles = {(m["kind"], m["metadata"]["name"]): m for m in story.setup}
    for binding in story.setup:
        if binding["kind"] not in ("RoleBinding", "ClusterRoleBinding"):
            continue
        role = roles.get((binding["roleRef"]["kind"], binding["roleRef"]["name"]))
        for rule in (role or {}).get("rules") or []:
            if "resources" in rule:
                yield _attributes(rule, binding["metadata"].get("namespace"))
                break


def _attributes(
    rule: dict[str, Any], namespace: str | None
) -> client.V1ResourceAttributes:
    resource, _, subresource = str(rule["resources"][0]).partition("/")
    return client.V1ResourceAttributes(
        verb=rule["verbs"][0],
        group=rule["apiGroups"][0],
        resource=resource,
        subresource=subresource or None,
        name=next(iter(rule.get("resourceNames") or []), None),
        namespace=namespace,
    )
