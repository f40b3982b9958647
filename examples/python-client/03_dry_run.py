# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Let the API server do everything but store it."""

from kubernetes import client, config

NAMESPACE = "overview-python-client"

config.load_kube_config()
core = client.CoreV1Api()


def exists(name: str) -> bool:
    found = core.list_namespaced_config_map(
        NAMESPACE, field_selector=f"metadata.name={name}", _request_timeout=10
    )
    return bool(found.items)


body = client.V1ConfigMap(
    metadata=client.V1ObjectMeta(name="trial"), data={"colour": "green"}
)
answer = core.create_namespaced_config_map(
    NAMESPACE, body, dry_run="All", _request_timeout=30
)
print(f"has a uid: {bool(answer.metadata.uid)}, is there: {exists('trial')}")
#> has a uid: True, is there: False

# What would be refused is refused: here, the name.
body.metadata.name = "Trial!"
try:
    core.create_namespaced_config_map(
        NAMESPACE, body, dry_run="All", _request_timeout=30
    )
except client.ApiException as error:
    print(f"Trial!: {error.status}")
    #> Trial!: 422

body.metadata.name = "trial"
core.create_namespaced_config_map(NAMESPACE, body, _request_timeout=30)
change = {"data": {"colour": "blue"}}
patched = core.patch_namespaced_config_map(
    "trial", NAMESPACE, change, dry_run="All", _request_timeout=30
)
stored = core.read_namespaced_config_map("trial", NAMESPACE, _request_timeout=10)
print(f"would be {patched.data['colour']}, is {stored.data['colour']}")
#> would be blue, is green

core.delete_namespaced_config_map(
    "trial", NAMESPACE, dry_run="All", _request_timeout=30
)
print(f"deleted on trial, is there: {exists('trial')}")
#> deleted on trial, is there: True
core.delete_namespaced_config_map("trial", NAMESPACE, _request_timeout=30)
print(f"deleted, is there: {exists('trial')}")
#> deleted, is there: False
