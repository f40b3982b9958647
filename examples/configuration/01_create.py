# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Keep settings in a ConfigMap and a password in a Secret, and read both back."""

import base64
import json

from kubernetes import client, config

NAMESPACE = "overview-configuration"

config.load_kube_config()
core = client.CoreV1Api()

settings = client.V1ConfigMap(
    metadata=client.V1ObjectMeta(name="settings"),
    data={"COLOUR": "green", "RETRIES": "3"},  # text only: a number is refused
)
login = client.V1Secret(
    metadata=client.V1ObjectMeta(name="login"),
    # In a real program the password comes from somewhere else, never from the code.
    string_data={"PASSWORD": "not-a-real-one"},
)

made = core.create_namespaced_config_map(NAMESPACE, settings, _request_timeout=30)
print(f"ConfigMap: {made.data}")
#> ConfigMap: {'COLOUR': 'green', 'RETRIES': '3'}

core.create_namespaced_secret(NAMESPACE, login, _request_timeout=30)
read = core.read_namespaced_secret("login", NAMESPACE, _request_timeout=10)
print(f"Secret: type {read.type}, string_data {read.string_data}")
#> Secret: type Opaque, string_data None
print(f"Secret: {read.data}")
#> Secret: {'PASSWORD': 'bm90LWEtcmVhbC1vbmU='}
print(f"decoded, with no key: {base64.b64decode(read.data['PASSWORD']).decode()}")
#> decoded, with no key: not-a-real-one

fixed = client.V1ConfigMap(
    metadata=client.V1ObjectMeta(name="fixed"),
    data={"COLOUR": "green"},
    immutable=True,
)
core.create_namespaced_config_map(NAMESPACE, fixed, _request_timeout=30)
large = client.V1ConfigMap(
    metadata=client.V1ObjectMeta(name="large"), data={"text": "x" * (1024 * 1024 + 1)}
)
blue = {"data": {"COLOUR": "blue"}}

for what, write in [
    (
        "fixed",
        lambda: core.patch_namespaced_config_map(
            "fixed", NAMESPACE, blue, _request_timeout=30
        ),
    ),
    (
        "large",
        lambda: core.create_namespaced_config_map(
            NAMESPACE, large, _request_timeout=30
        ),
    ),
]:
    try:
        write()
    except client.ApiException as error:
        message = json.loads(error.body)["message"]
        print(f"{what}: {error.status}, {message.rpartition(': ')[2]}")
        #> fixed: 422, field is immutable when `immutable` is set
        #> large: 422, may not be more than 1048576 bytes
