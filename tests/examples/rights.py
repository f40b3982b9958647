"""Rights as RBAC names them, and those that a Role grants."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


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
        name = f" named {self.name}" if self.name else ""
        return f"{self.verb} {self.kind}{name}"

    @property
    def kind(self) -> str:
        """The resource and its group, as in `deployments.apps`."""
        return f"{self.resource}.{self.group}".rstrip(".")

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
