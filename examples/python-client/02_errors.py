# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Be refused in five ways, and find out why each time."""

import json

from kubernetes import client, config

NAMESPACE = "overview-python-client"

config.load_kube_config()
core = client.CoreV1Api()


def why(error: client.ApiException) -> str:
    """Say what the API server says: its status, reason, and the fields at fault if any.

    The body is a Status, in JSON, unless something else answered: a proxy, say.
    """
    try:
        status = json.loads(error.body or "{}")
    except ValueError:
        status = {}
    causes = (status.get("details") or {}).get("causes") or []
    fields = [str(each.get("field")) for each in causes]
    return ", ".join([f"{error.status} {status.get('reason', error.reason)}", *fields])


def named(name: str, **fields) -> client.V1ConfigMap:
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name), **fields)


core.create_namespaced_config_map(
    NAMESPACE, named("kept", immutable=True), _request_timeout=30
)

change = {"data": {"colour": "green"}}
for what, call, *arguments in [
    ("no such name", core.read_namespaced_config_map, "kpet", NAMESPACE),
    ("no right", core.list_namespaced_secret, NAMESPACE),
    ("there already", core.create_namespaced_config_map, NAMESPACE, named("kept")),
    ("not valid", core.create_namespaced_config_map, NAMESPACE, named("Kept!")),
    ("immutable", core.patch_namespaced_config_map, "kept", NAMESPACE, change),
]:
    try:
        call(*arguments, _request_timeout=30)
    except client.ApiException as error:
        print(f"{what}: {why(error)} ({type(error).__name__})")
        #> no such name: 404 NotFound (NotFoundException)
        #> no right: 403 Forbidden (ForbiddenException)
        #> there already: 409 AlreadyExists (ConflictException)
        #> not valid: 422 Invalid, metadata.name (UnprocessableEntityException)
        #> immutable: 422 Invalid, data (UnprocessableEntityException)

# This does not get as far as the API server: the client refuses it by itself.
try:
    client.V1ConfigMap(dta={"colour": "green"})
except ValueError as error:
    print(f"no such field: {type(error).__name__}")
    #> no such field: ValidationError

core.delete_namespaced_config_map("kept", NAMESPACE, _request_timeout=30)
