"""What happens in a story's namespace while its programs run, as watches tell it.

As administrator. Kept is what a replay shows: a few fields of each object, never an
object as a whole.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from urllib3 import HTTPResponse

from sandbox import run

Fields = dict[str, Any]

QUIET_SECONDS = 1.0
SETTLE_SECONDS = 15.0
LISTED_SECONDS = 30.0
WATCH_SECONDS = 3600


@dataclass(frozen=True)
class Change:
    """How an object came to be; `fields` is None when it is gone.

    `version` is its resourceVersion: in one etcd, the order of all writes.
    """

    at: float
    version: int
    kind: str
    name: str
    fields: Fields | None


class Watcher:
    """Watches until `stop`. All times are seconds of `time.time`."""

    def __init__(
        self, kubeconfig: Path, namespace: str, kinds: Iterable[str] | None = None
    ) -> None:
        kinds = list(kinds or WATCHED)
        self.changes: list[Change] = []
        self.broken: str | None = None
        self._namespace = namespace
        self._present: dict[tuple[str, str], Fields] = {}
        self._open: list[HTTPResponse] = []
        self._stopped = False
        self._lock = threading.Lock()
        listed = [threading.Event() for _ in kinds]
        for kind, done in zip(kinds, listed, strict=True):
            threading.Thread(
                target=self._follow, args=(kind, kubeconfig, done), daemon=True
            ).start()
        if not all(done.wait(LISTED_SECONDS) for done in listed):
            self.broken = self.broken or f"nothing listed in {LISTED_SECONDS} s"

    def in_order(self) -> list[Change]:
        """The changes in the order in which they were written.

        Each watch that tells of them has a thread, which may come a little late. What
        was written before another change was there when that was seen, at the latest.
        """
        ordered = sorted(self.changes, key=lambda change: change.version)
        seen = float("inf")
        for number in reversed(range(len(ordered))):
            seen = min(seen, ordered[number].at)
            ordered[number] = replace(ordered[number], at=seen)
        return ordered

    def stop(self) -> None:
        """End the watches."""
        self._stopped = True
        for response in self._open:
            with suppress(RuntimeError):  # it has ended, and `broken` says so
                response.shutdown()

    def settle(self) -> None:
        """Return with the Pods at rest, or after SETTLE_SECONDS.

        So the next program finds them so, and both can be replayed by themselves.
        """
        end = time.time()
        while time.time() < end + SETTLE_SECONDS:
            with self._lock:
                last = max((c.at for c in self.changes if c.kind in AT_REST), default=0)
                going = any(
                    fields["going"]
                    for (kind, _), fields in self._present.items()
                    if kind == "Pod"
                )
            # A Pod of a node that is lost goes on going.
            if time.time() - max(last, end) > QUIET_SECONDS * (5 if going else 1):
                break
            time.sleep(0.1)

    def rows(self, start: float) -> list[list[Any]]:
        """The changes as a recording has them: when, of what, and what is new.

        Args:
            start: when the first program began. Times are in ms since then.

        Returns:
            For each, the time, the object's kind and name, and the fields that are not
            as they were before; None where the object is gone.
        """
        known: dict[tuple[str, str], Fields] = {}
        rows: list[list[Any]] = []
        for change in self.in_order():
            before = known.pop((change.kind, change.name), {})
            new = change.fields
            if new is not None:
                known[change.kind, change.name] = new
                new = {k: v for k, v in new.items() if before.get(k, ...) != v}
            at = max(0, round((change.at - start) * 1000))
            rows.append([at, change.kind, change.name, new])
        return rows

    def _follow(self, kind: str, kubeconfig: Path, listed: threading.Event) -> None:
        path, kept = WATCHED[kind]
        try:
            with run.client_for(kubeconfig) as api:
                url = api.configuration.host + path.format(namespace=self._namespace)
                send = api.rest_client.pool_manager.request
                listing = send("GET", url).json()
                for item in listing["items"]:
                    self._note(kind, item, kept)
                listed.set()
                response: Any = send(
                    "GET",
                    url,
                    fields={
                        "watch": "1",
                        "resourceVersion": listing["metadata"]["resourceVersion"],
                        "timeoutSeconds": str(WATCH_SECONDS),
                    },
                    preload_content=False,
                )
                self._open.append(response)
                for line in response:
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        raise RuntimeError(event["object"].get("message"))
                    gone = event["type"] == "DELETED"
                    self._note(
                        kind, event["object"], (lambda _: None) if gone else kept
                    )
            raise RuntimeError("the watch has ended")
        except Exception as error:  # in a thread nobody else would see it
            if not self._stopped:
                self.broken = f"{kind}: {error!r}"
                listed.set()

    def _note(self, kind: str, item: Any, kept: Callable[[Any], Fields | None]) -> None:
        at = time.time()
        name = item["metadata"]["name"]
        if kind == "Node" and not _belongs_to(item, self._namespace):
            return
        fields = kept(item)
        with self._lock:
            if fields == self._present.get((kind, name)):
                return
            if fields is None:
                del self._present[kind, name]
            else:
                self._present[kind, name] = fields
            version = int(item["metadata"]["resourceVersion"])
            self.changes.append(Change(at, version, kind, name, fields))


def _belongs_to(node: Any, namespace: str) -> bool:
    owners = node["metadata"].get("ownerReferences") or []
    return any((o["kind"], o["name"]) == ("Namespace", namespace) for o in owners)


def _conditions(item: Any) -> dict[str, Any]:
    return {c["type"]: c for c in item.get("status", {}).get("conditions") or []}


def _owner(item: Any) -> str:
    owners = item["metadata"].get("ownerReferences") or []
    return next((o["name"] for o in owners if o.get("controller")), "")


def _pod(item: Any) -> Fields:
    conditions = _conditions(item)
    status = item.get("status", {})
    waiting = [
        each["state"]["waiting"].get("reason", "")
        for each in status.get("containerStatuses") or []
        if "waiting" in each.get("state", {})
    ]
    annotations = item["metadata"].get("annotations") or {}
    return {
        "owner": _owner(item),
        "node": item["spec"].get("nodeName", ""),
        "phase": status.get("phase", ""),
        "ready": conditions.get("Ready", {}).get("status") == "True",
        "going": "deletionTimestamp" in item["metadata"],
        "waiting": waiting[0] if waiting else "",
        "disrupted": conditions.get("DisruptionTarget", {}).get("reason", ""),
        # What KWOK reports as used, where a program has said so.
        "cpu": annotations.get("kwok.x-k8s.io/usage-cpu", ""),
    }


def _replica_set(item: Any) -> Fields:
    annotations = item["metadata"].get("annotations") or {}
    containers = item["spec"]["template"]["spec"]["containers"]
    return {
        "owner": _owner(item),
        "revision": annotations.get("deployment.kubernetes.io/revision", ""),
        "image": containers[0]["image"].rpartition("/")[2],
        "wanted": item["spec"].get("replicas", 1),
        "available": item.get("status", {}).get("availableReplicas", 0),
    }


def _deployment(item: Any) -> Fields:
    status = item.get("status", {})
    progressing = _conditions(item).get("Progressing", {})
    rolling = item["spec"].get("strategy", {}).get("rollingUpdate") or {}
    return {
        "wanted": item["spec"].get("replicas", 1),
        "surge": rolling.get("maxSurge", 0),
        "unavailable": rolling.get("maxUnavailable", 0),
        "updated": status.get("updatedReplicas", 0),
        "available": status.get("availableReplicas", 0),
        "progressing": progressing.get("status", ""),
        "reason": progressing.get("reason", ""),
    }


def _autoscaler(item: Any) -> Fields:
    spec, status = item["spec"], item.get("status", {})
    measured = [
        m["resource"]["current"].get("averageUtilization")
        for m in status.get("currentMetrics") or []
        if "resource" in m
    ]
    targets = [
        m["resource"]["target"].get("averageUtilization")
        for m in spec.get("metrics") or []
        if "resource" in m
    ]
    conditions = _conditions(item)
    return {
        "least": spec.get("minReplicas", 1),
        "most": spec["maxReplicas"],
        "target": targets[0] if targets else None,
        "measured": measured[0] if measured else None,
        "current": status.get("currentReplicas", 0),
        "wanted": status.get("desiredReplicas", 0),
        "able": conditions.get("AbleToScale", {}).get("reason", ""),
        "active": conditions.get("ScalingActive", {}).get("reason", ""),
        "limited": conditions.get("ScalingLimited", {}).get("reason", ""),
    }


def _node(item: Any) -> Fields:
    return {
        "ready": _conditions(item).get("Ready", {}).get("status", ""),
        "taints": sorted(
            f"{taint['key']}:{taint['effect']}"
            for taint in item["spec"].get("taints") or []
            if "kubernetes.io/" in taint["key"]
        ),
    }


def _event(item: Any) -> Fields:
    about = item["involvedObject"]
    source = item.get("source") or {}
    return {
        "type": item.get("type", ""),
        "reason": item.get("reason", ""),
        "about": f"{about.get('kind')}/{about.get('name')}",
        "message": item.get("message", ""),
        "count": item.get("count") or 1,
        "by": source.get("component") or item.get("reportingComponent", ""),
    }


IN_NAMESPACE = "/namespaces/{namespace}"
WATCHED: dict[str, tuple[str, Callable[[Any], Fields]]] = {
    "Pod": (f"/api/v1{IN_NAMESPACE}/pods", _pod),
    "ReplicaSet": (f"/apis/apps/v1{IN_NAMESPACE}/replicasets", _replica_set),
    "Deployment": (f"/apis/apps/v1{IN_NAMESPACE}/deployments", _deployment),
    "HorizontalPodAutoscaler": (
        f"/apis/autoscaling/v2{IN_NAMESPACE}/horizontalpodautoscalers",
        _autoscaler,
    ),
    "Node": ("/api/v1/nodes", _node),
    "Event": (f"/api/v1{IN_NAMESPACE}/events", _event),
}

# The others may change for ever.
AT_REST = {"Pod", "ReplicaSet", "Deployment"}
