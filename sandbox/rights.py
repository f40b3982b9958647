"""When is what setup.yaml grants in force?"""

from collections.abc import Iterator
from typing import Any

from kubernetes import client

from sandbox import inventory, waiting
from sandbox.story import Story

GRANT_SECONDS = 60

_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


def wait_until_granted(api: client.ApiClient, story: Story) -> None:
    """Wait until the API server allows what the story's roles say.

    It hears of a new role and of its binding by a watch, like any controller, and
    refuses meanwhile. `api` acts as the story's ServiceAccount.

    Raises UserError if that takes longer than GRANT_SECONDS for one of them.
    """
    for attributes in _one_of_each(story):
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }

        def refusal(review: dict[str, Any] = review) -> str | None:
            status = inventory.request(api, "POST", _REVIEWS, body=review)["status"]
            return None if status["allowed"] else status.get("reason") or "not yet"

        what = f"{attributes['verb']} {attributes['resource']}"
        waiting.until(f"{what}, as setup.yaml grants it", refusal, GRANT_SECONDS)


def _one_of_each(story: Story) -> Iterator[dict[str, str]]:
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


def _attributes(rule: dict[str, Any], namespace: str | None) -> dict[str, str]:
    resource, _, subresource = str(rule["resources"][0]).partition("/")
    return {
        "verb": rule["verbs"][0],
        "group": rule["apiGroups"][0],
        "resource": resource,
        "subresource": subresource,
        "name": next(iter(rule.get("resourceNames") or []), ""),
        "namespace": namespace or "",
    }
