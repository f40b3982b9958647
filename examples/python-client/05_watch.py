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

NAMESPACE = "overview-python-client"
# What setup.yaml defines. CustomObjectsApi takes and gives plain dicts.
GREETINGS = {
    "group": f"{NAMESPACE}.example.com",
    "version": "v1",
    "namespace": NAMESPACE,
    "plural": "greetings",
}

config.load_kube_config()
# Otherwise, a silent server costs four times _request_timeout.
client.Configuration.get_default().retries = False
custom = client.CustomObjectsApi()


def states(
    seconds: float, each: float = 300, version: str | None = None
) -> Iterator[tuple[str, dict[str, dict]]]:
    """Yield all objects by name: as they are now, and again whenever one has changed.

    With each of these goes the reason for it. A watch lasts so many seconds `each`, and
    is then followed by another.
    """
    deadline = time.monotonic() + seconds
    known: dict[str, dict] = {}
    while (left := deadline - time.monotonic()) > 0:
        try:
            if version is None:
                found = custom.list_namespaced_custom_object(
                    **GREETINGS, _request_timeout=min(left, 30)
                )
                # What was deleted while nobody was watching is not in it.
                known = {item["metadata"]["name"]: item for item in found["items"]}
                version = found["metadata"]["resourceVersion"]
                yield "listed", dict(known)
            length = math.ceil(min(left, each))
            for event in watch.Watch().stream(
                custom.list_namespaced_custom_object,
                **GREETINGS,
                resource_version=version,
                allow_watch_bookmarks=True,  # a newer version, though nothing changed
                timeout_seconds=length,  # then the server ends it
                _request_timeout=length + 5,  # if it doesn't: the connection is dead
            ):
                item = event["raw_object"]
                name, version = item["metadata"].get("name"), version_of(item)
                if event["type"] == "BOOKMARK":
                    continue
                if event["type"] == "DELETED":
                    known.pop(name, None)
                else:
                    known[name] = item
                yield f"{event['type']} {name}", dict(known)
        except client.ApiException as error:
            if error.status == 410:  # the server has forgotten that version
                version = None
                yield "410 Gone", dict(known)
            elif "CERTIFICATE_VERIFY_FAILED" in str(error.reason):
                raise  # another CA's certificate: waiting won't help
            # 0 is for TLS that broke off.
            elif error.status != 429 and 0 < error.status < 500:
                raise  # 401, 403 and the like: nor does it here
            time.sleep(1)
        except urllib3.exceptions.HTTPError:  # the connection broke
            time.sleep(1)


def version_of(item: dict) -> str:
    return item["metadata"]["resourceVersion"]


def watch_once(_request_timeout: float = 60, **options) -> str:
    """Watch until it ends, and say how it did."""
    stream = watch.Watch().stream(
        custom.list_namespaced_custom_object,
        **GREETINGS,
        _request_timeout=_request_timeout,
        **options,
    )
    try:
        for _ in stream:
            pass
    except client.ApiException as error:
        return f"{error.status} {error.reason.partition(':')[0]}"
    except urllib3.exceptions.HTTPError as error:
        return type(error).__name__
    return "no error"


for number in range(3):
    body = {
        "apiVersion": f"{GREETINGS['group']}/v1",
        "kind": "Greeting",
        "metadata": {"name": f"hello-{number}"},
        "spec": {"to": "world"},
    }
    made = custom.create_namespaced_custom_object(
        **GREETINGS, body=body, _request_timeout=30
    )
now = version_of(made)

print(f"the server's clock: {watch_once(resource_version=now, timeout_seconds=1)}")
#> the server's clock: no error
print(f"the client's clock: {watch_once(resource_version=now, _request_timeout=1)}")
#> the client's clock: ReadTimeoutError
# Nobody remembers what happened since version 1.
print(f"too old a version: {watch_once(resource_version='1', timeout_seconds=30)}")
#> too old a version: 410 Expired


def change() -> None:
    """Make two changes, the second when the watch that saw the first is over."""
    time.sleep(2)
    body = {"spec": {"times": 2}}
    hello = {**GREETINGS, "_request_timeout": 30}
    custom.patch_namespaced_custom_object(**hello, name="hello-0", body=body)
    time.sleep(2)
    custom.delete_namespaced_custom_object(**hello, name="hello-1")


# From too old a version, in watches of a second each.
changing = threading.Thread(target=change)
for reason, known in states(seconds=60, each=1, version="1"):
    print(f"{reason}: {sorted(known)}")
    #> 410 Gone: []
    #> listed: ['hello-0', 'hello-1', 'hello-2']
    #> MODIFIED hello-0: ['hello-0', 'hello-1', 'hello-2']
    #> DELETED hello-1: ['hello-0', 'hello-2']
    if reason == "listed":
        changing.start()
    elif reason.startswith("DELETED"):
        break
changing.join()
for name in ("hello-0", "hello-2"):
    custom.delete_namespaced_custom_object(**GREETINGS, name=name, _request_timeout=30)
