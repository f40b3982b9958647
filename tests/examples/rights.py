"""Rights as RBAC names them: those that a Role grants, and those that requests need."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

APPLY_PATCH = "application/apply-patch"

# Every identity may ask who it is and what it may do (system:basic-user).
GRANTED_TO_ALL = {"authentication.k8s.io", "authorization.k8s.io"}


@dataclass(frozen=True, order=True)
class Right:
    """One verb on one resource; `resource` includes the subresource (`pods/log`).

    An empty `name` means every object of that resource.
    """

    group: str
    resource: str
    verb: str
    name: str = ""

    def __str__(self) -> str:
        group = f".{self.group}" if self.group else ""
        name = f" named {self.name}" if self.name else ""
        return f"{self.verb} {self.resource}{group}{name}"

    def covers(self, other: "Right") -> bool:
        """Whether who has this right may do what `other` names."""
        return self == other or self == Right(other.group, other.resource, other.verb)


def granted(rules: Iterable[dict[str, Any]]) -> set[Right]:
    """The single rights that a Role's rules add up to."""
    return {
        Right(group, resource, verb, name)
        for rule in rules
        for group in rule.get("apiGroups") or []
        for resource in rule.get("resources") or []
        for verb in rule.get("verbs") or []
        for name in rule.get("resourceNames") or [""]
    }


def needed(
    method: str, url: str, content_type: str = "", status: int = 200
) -> list[Right]:
    """The rights that the API server asked for when it answered this request.

    Follows "Determine the request verb" in
    https://kubernetes.io/docs/reference/access-authn-authz/authorization/. A
    server-side apply that made its object (201) needed `create` beside `patch`.
    Returns an empty list for what is no resource (discovery, /version), and for what
    every identity may ask.
    """
    split = urlsplit(url)
    parts = split.path.strip("/").split("/")
    if parts[0] == "api":
        group, rest = "", parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, rest = parts[1], parts[3:]
    else:
        return []
    if not rest or group in GRANTED_TO_ALL:
        return []
    if rest[0] == "namespaces" and len(rest) > 2:
        rest = rest[2:]
    name = rest[1] if len(rest) > 1 else ""
    resource = "/".join([rest[0], *rest[2:3]])
    query = parse_qs(split.query)
    match method:
        case "GET" if name:
            verb = "get"
        case "GET":
            verb = "watch" if query.get("watch") in (["true"], ["True"]) else "list"
        case "DELETE":
            verb = "delete" if name else "deletecollection"
        case _:
            verb = {"POST": "create", "PUT": "update", "PATCH": "patch"}[method]
    rights = [Right(group, resource, verb, name)]
    if verb == "patch" and content_type.startswith(APPLY_PATCH) and status == 201:
        rights.append(Right(group, resource, "create", name))
    return rights
