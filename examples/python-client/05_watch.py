# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3"]
# ///
"""Follow objects through all that ends a watch."""

import math
import threading
import time
from collections.abc import Iterator

import urllib3
from kubernetes import client, config, watch

NAMESPACE = "python-client"
ONLY = {"namespace": NAMESPACE, "label_selector": "app=parts"}

config.load_kube_config()
core = client.CoreV1Api()


def states(
    seconds: float, each: float = 300, version: str | None = None
) -> Iterator[tuple[str, dict[str, client.V1ConfigMap]]]:
    """Yield all objects by name: as they are now, and again whenever one has changed.

    With each of these goes the reason for it. A watch lasts so many seconds `each`, and
    is then followed by another.
    """
    deadline = time.monotonic() + seconds
    known: dict[str, client.V1ConfigMap] = {}
    while (left := deadline - time.monotonic()) > 0:
        try:
            if version is None:
                found = core.list_namespaced_config_map(**ONLY, _request_timeout=30)
                # What was deleted while nobody was watching is not in it.
                known = {item.metadata.name: item for item in found.items}
                version = found.metadata.resource_version
                yield "listed", dict(known)
            length = math.ceil(min(left, each))
            for event in watch.Watch().stream(
                core.list_namespaced_config_map,
                **ONLY,
                resource_version=version,
                allow_watch_bookmarks=True,  # a newer version, though nothing changed
                timeout_seconds=length,  # then the server ends it
                _request_timeout=length + 5,  # if it doesn't: the connection is dead
            ):
                version = event["raw_object"]["metadata"]["resourceVersion"]
                if event["type"] == "BOOKMARK":
                    continue
                name = event["object"].metadata.name
                if event["type"] == "DELETED":
                    known.pop(name, None)
                else:
                    known[name] = event["object"]
                yield f"{event['type']} {name}", dict(known)
        except client.ApiException as error:
            if error.status == 410:  # the server has forgotten that version
                version = None
                yield "410 Gone", dict(known)
            elif error.status != 429 and error.status < 500:
                raise  # 401, 403 and the like: waiting won't help
            time.sleep(1)
        except urllib3.exceptions.HTTPError:  # the connection broke
            time.sleep(1)


# 1. The server ends each watch, and the loop ends, as if all were well.
started = time.monotonic()
now = core.list_namespaced_config_map(**ONLY).metadata.resource_version
for _ in watch.Watch().stream(
    core.list_namespaced_config_map, **ONLY, resource_version=now, timeout_seconds=1
):
    pass
print(f"ended, and no error: after 1 s or so, {time.monotonic() - started < 10}")

# 2. The client gives up when it has heard nothing for so long.
try:
    for _ in watch.Watch().stream(
        core.list_namespaced_config_map,
        **ONLY,
        resource_version=now,
        _request_timeout=1,
    ):
        pass
except urllib3.exceptions.HTTPError as error:
    print(f"silence: {type(error).__name__}")

# 3. Nobody remembers what happened since version 1.
try:
    for _ in watch.Watch().stream(
        core.list_namespaced_config_map, **ONLY, resource_version="1"
    ):
        pass
except client.ApiException as error:
    print(f"too old: {error.status} {error.reason.partition(':')[0]}")


# All three in one: from a version too old, with watches of a second each, while another
# thread makes two changes, the second after the first watch is over.
def change() -> None:
    time.sleep(0.5)
    body = {"data": {"number": "ten"}}
    core.patch_namespaced_config_map("part-0", NAMESPACE, body)
    time.sleep(2)
    core.delete_namespaced_config_map("part-1", NAMESPACE)


changes = threading.Timer(2, change)
changes.start()
for reason, known in states(seconds=60, each=1, version="1"):
    print(f"{reason}: {len(known)} known")
    if reason.startswith("DELETED"):
        break
changes.join()
