"""Which objects a cluster holds: each resource type by discovery, each object by name.

Discovery is asked in its aggregated form, two requests for all groups:
https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kubernetes import client

from sandbox import waiting

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
NAMES_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

# Readings and reports, not objects that somebody made. Events outlive their cause
# by an hour on purpose.
NOT_OBJECTS = {
    "componentstatuses",
    "events",
    "events.events.k8s.io",
    "nodes.metrics.k8s.io",
    "pods.metrics.k8s.io",
}


@dataclass(frozen=True, order=True)
class Resource:
    """A resource type as discovery names it.

    `group` is empty for the core group; `name` is the plural, as in a URL.
    """

    group: str
    version: str
    name: str
    kind: str
    namespaced: bool
    verbs: frozenset[str]

    @property
    def full_name(self) -> str:
        """`deployments.apps`, or `pods` in the core group, as kubectl prints it."""
        return f"{self.name}.{self.group}" if self.group else self.name

    def path(self, namespace: str | None = None) -> str:
        """The URL path of the collection."""
        parts = ["/apis", self.group] if self.group else ["/api"]
        parts.append(self.version)
        if namespace and self.namespaced:
            parts += ["namespaces", namespace]
        return "/".join([*parts, self.name])


@dataclass(frozen=True, order=True)
class Object:
    """One object; `namespace` is empty for cluster-scoped ones."""

    resource: str
    namespace: str
    name: str

    def __str__(self) -> str:
        where = f" in {self.namespace}" if self.namespace else ""
        return f"{self.resource}/{self.name}{where}"


def request(
    api: client.ApiClient,
    method: str,
    path: str,
    *,
    body: dict[str, Any] | None = None,
    accept: str = "application/json",
) -> Any:
    """Send one request to the API server and return the decoded JSON answer.

    Raises `kubernetes.client.ApiException` for every status outside 200-299.
    """
    parameters = api.param_serialize(
        method,
        path,
        header_params={"Accept": accept, "Content-Type": "application/json"},
        body=body,
        auth_settings=["BearerToken"],
    )
    response = api.call_api(*parameters, _request_timeout=30)
    text = response.read()
    if not 200 <= response.status <= 299:
        raise client.ApiException.from_response(
            http_resp=response, body=text.decode(), data=None
        )
    return json.loads(text)


def api_resources(api: client.ApiClient) -> list[Resource]:
    """Every resource type, without subresources, in each group's preferred version."""
    return sorted(_discover(api))


def _discover(api: client.ApiClient) -> Iterator[Resource]:
    for prefix in ("/api", "/apis"):
        for group in request(api, "GET", prefix, accept=AGGREGATED)["items"]:
            seen: set[str] = set()
            for version in group["versions"]:  # most preferred first
                for resource in version.get("resources", []):
                    if resource["resource"] in seen or "responseKind" not in resource:
                        continue
                    seen.add(resource["resource"])
                    yield Resource(
                        group=group["metadata"].get("name", ""),
                        version=version["version"],
                        name=resource["resource"],
                        kind=resource["responseKind"]["kind"],
                        namespaced=resource["scope"] == "Namespaced",
                        verbs=frozenset(resource["verbs"]),
                    )


def objects(api: client.ApiClient, namespace: str | None = None) -> set[Object]:
    """Every object of the cluster, or of one namespace, except Events and readings."""
    listed: set[Object] = set()
    for resource in api_resources(api):
        if "list" not in resource.verbs or resource.full_name in NOT_OBJECTS:
            continue
        if namespace and not resource.namespaced:
            continue
        try:
            answer = request(api, "GET", resource.path(namespace), accept=NAMES_ONLY)
        except client.ApiException as error:
            if error.status == 404:
                continue  # a kind that has gone since, with its definition
            raise
        for item in answer.get("items") or []:
            metadata = item["metadata"]
            listed.add(
                Object(
                    resource.full_name,
                    metadata.get("namespace", ""),
                    metadata["name"],
                )
            )
    return listed


def settled_difference(
    api: client.ApiClient,
    before: set[Object],
    seconds: float,
    namespace: str | None = None,
) -> list[str]:
    """Wait until the cluster (or namespace) holds what it held before.

    Deletion ends in the background (finalizers, garbage collection), so the
    difference is taken again until it is empty or `seconds` have passed. Returns a
    line for each object that was left or is missing; empty where there is none.
    """
    difference: list[str] = []

    def differs() -> str | None:
        now = objects(api, namespace)
        difference[:] = [f"left behind: {o}" for o in sorted(now - before)]
        difference.extend(f"missing: {o}" for o in sorted(before - now))
        return ", ".join(difference) or None

    with contextlib.suppress(waiting.TimedOut):
        waiting.until("what was there before", differs, seconds, every=0.5)
    return difference
