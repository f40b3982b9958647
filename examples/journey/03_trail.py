# /// script
# requires-python = ">=3.11"
# dependencies = []
#
# [tool.sandbox]
# needs = ["metrics", "audit-log"]
# ///
"""Read from the API server's audit log who did what when the autoscaler scaled up."""

import json
import os
import time
from datetime import datetime
from pathlib import Path
from typing import Any

NAMESPACE = "overview-journey"

# The requests that carry the journey forward, and the step that each belongs to.
# Step 2, storing it, is the API server's own: it answers when that is done.
LOOK = "list pods.metrics.k8s.io"
DECIDE = "update deployments/scale"
SERVE = "update endpointslices"
STEPS = {
    LOOK: 1,
    DECIDE: 1,
    "update replicasets": 3,
    "create pods": 3,
    "create pods/binding": 4,
    "patch pods/status": 5,
    SERVE: 6,
}


def in_short(event: dict[str, Any]) -> dict[str, Any]:
    """Who did what, and when, from an event of the audit log."""
    user, agent, obj = event["user"], event["userAgent"], event["objectRef"]
    program = agent.partition("/")[0]
    # A controller has a ServiceAccount of its own. All others are known by their
    # program, and on simulated nodes KWOK plays the kubelet.
    who = "kubelet" if program == "kwok-controller" else program
    if user["username"].startswith("system:serviceaccount:"):
        who = user["username"].rpartition(":")[2]
    did = f"{event['verb']} {obj['resource']}"
    did += f"/{obj['subresource']}" if "subresource" in obj else ""
    did += ".metrics.k8s.io" if obj.get("apiGroup") == "metrics.k8s.io" else ""
    # Where a Pod fits on no node yet, the scheduler writes that down: no step.
    waits = did == "patch pods/status" and who == "kube-scheduler"
    return {
        "received": datetime.fromisoformat(event["requestReceivedTimestamp"]),
        "answered": datetime.fromisoformat(event["stageTimestamp"]),
        "step": None if waits else STEPS.get(did),
        "did": did,
        "name": obj.get("name", ""),
        "who": who,
        "user": user["username"],
        "agent": agent,
    }


def last(requests: list[dict[str, Any]], did: str) -> int:
    """Where the last request of a kind is in the list."""
    found = [i for i, request in enumerate(requests) if request["did"] == did]
    return found[-1] if found else 0


def read_trail(log: Path, namespace: str) -> list[dict[str, Any]]:
    """The last scale-up in a namespace, request by request.

    It begins where the autoscaler looks at the metrics and then decides, and ends
    with the last change of the endpoints.
    """
    # One event a line; the last may be only half written.
    lines = log.read_text().rpartition("\n")[0].splitlines()
    events = [json.loads(x) for x in lines if f'"namespace":"{namespace}"' in x]
    done = [in_short(e) for e in events if e["responseStatus"]["code"] < 300]
    # In the log they stand as they were answered. A cause comes before its effect
    # only in the order in which they were received.
    done.sort(key=lambda request: request["received"])
    trail = done[last(done[: last(done, DECIDE)], LOOK) :]
    return trail[: last(trail, SERVE) + 1]


log = Path(os.environ["SANDBOX_AUDIT_LOG"])
deadline = time.monotonic() + 30
while True:
    trail = read_trail(log, NAMESPACE)
    first = {r["did"]: r for r in reversed(trail) if r["step"]}
    if len(first) == len(STEPS):
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"after 30 s the log has only {list(first)}")
    time.sleep(0.2)

for request in sorted(first.values(), key=lambda request: request["received"]):
    print(f"{request['step']}  {request['who']:26}{request['did']}")
    #> 1  horizontal-pod-autoscaler list pods.metrics.k8s.io
    #> 1  horizontal-pod-autoscaler update deployments/scale
    #> 3  deployment-controller     update replicasets
    #> 3  replicaset-controller     create pods
    #> 4  kube-scheduler            create pods/binding
    #> 5  kubelet                   patch pods/status
    #> 6  endpointslice-controller  update endpointslices

programs = {request["agent"].partition("/")[0] for request in first.values()}
print(f"{len(first)} kinds of requests by {len(programs)} programs, to one API server")
#> 7 kinds of requests by 3 programs, to one API server
