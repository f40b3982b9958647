# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Keep a copy of objects that follows the cluster, in a thread."""

import time

from kubernetes import client, config
from kubernetes.informer import ADDED, DELETED, ERROR, MODIFIED, SharedInformer

NAMESPACE = "overview-python-client"
ONLY = {"label_selector": "app=parts"}

configuration = client.Configuration()
config.load_kube_config(client_configuration=configuration)
configuration.keep_alive = True  # else a connection that has died stays unnoticed
core = client.CoreV1Api(client.ApiClient(configuration))

informer = SharedInformer(
    core.list_namespaced_config_map,
    namespace=NAMESPACE,
    resync_period=300,  # watches end after so long, and begin with a list again
    **ONLY,
)
# Handlers run in the informer's thread, one at a time: be quick, and hand things over
# by a queue or a lock. list.append is safe.
heard: list[tuple[str, str]] = []
for kind in (ADDED, MODIFIED, DELETED):
    informer.add_event_handler(
        kind, lambda item, kind=kind: heard.append((kind, item.metadata.name))
    )
informer.add_event_handler(ERROR, lambda error: heard.append((ERROR, str(error))))


def wait_until(what: str, is_so, seconds: float = 60) -> None:
    """Return once it is so, or raise TimeoutError with what the informer has."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not {what}: {informer.cache.list_keys()}, {heard}")
        time.sleep(0.05)


there = core.list_namespaced_config_map(NAMESPACE, **ONLY, _request_timeout=10).items
informer.start()
try:
    # The copy is complete a moment before the handlers hear of it.
    wait_until("complete", lambda: len(heard) >= len(there))
    print(f"{len(informer.cache.list())} in the copy; first: {heard[0]}")
    #> 6 in the copy; first: ('ADDED', 'part-0')

    body = {"data": {"number": "twelve"}}
    core.patch_namespaced_config_map("part-2", NAMESPACE, body, _request_timeout=30)
    wait_until("changed", lambda: (MODIFIED, "part-2") in heard)
    # No request: the copy is in this process.
    copy = informer.cache.get_by_key(f"{NAMESPACE}/part-2")
    print(f"part-2 has {copy.data}")
    #> part-2 has {'number': 'twelve'}

    core.delete_namespaced_config_map("part-3", NAMESPACE, _request_timeout=30)
    wait_until("deleted", lambda: (DELETED, "part-3") in heard)
    print(f"{len(informer.cache.list())} in the copy; last: {heard[-1]}")
    #> 5 in the copy; last: ('DELETED', 'part-3')
finally:
    informer.stop()
