# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# [tool.sandbox.only-with]
# containers = ["create pods", "get pods", "get pods/exec", "create pods/exec"]
# ///
"""Talk to the API server with a Pod's token, for as long as that Pod exists."""

import base64
import json
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from kubernetes import client, config
from kubernetes.config.incluster_config import InClusterConfigLoader
from kubernetes.stream import stream

NAMESPACE = "overview-configuration"
FOLDER = "/var/run/secrets/example"

config.load_kube_config()
core = client.CoreV1Api()
server = urlsplit(core.api_client.configuration.host)

# As each Pod gets by default, without the namespace's name; here for ten minutes.
sources = [
    {"serviceAccountToken": {"path": "token", "expirationSeconds": 600}},
    {"configMap": {"name": "kube-root-ca.crt"}},
]
container = {
    "name": "main",
    "image": "docker.io/library/busybox:1.35.0",
    "command": ["sleep", "3600"],
    "volumeMounts": [{"name": "identity", "mountPath": FOLDER, "readOnly": True}],
    "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}},
}
spec = {
    "serviceAccountName": "default",
    "automountServiceAccountToken": False,
    # A Pod that is shutting down still counts as there.
    "terminationGracePeriodSeconds": 0,
    "containers": [container],
    "volumes": [{"name": "identity", "projected": {"sources": sources}}],
}
pod = core.create_namespaced_pod(
    NAMESPACE, {"metadata": {"name": "program"}, "spec": spec}, _request_timeout=30
)
deadline = time.monotonic() + 120
while pod.status.phase != "Running":
    if time.monotonic() > deadline:
        raise TimeoutError(f"program, after 120 s: {pod.status.phase}")
    time.sleep(0.5)
    pod = core.read_namespaced_pod("program", NAMESPACE, _request_timeout=10)


def read(name: str) -> str:
    """Return what a file in the Pod has."""
    return stream(
        core.connect_get_namespaced_pod_exec,
        "program",
        NAMESPACE,
        command=["cat", f"{FOLDER}/{name}"],
        stdout=True,
        _request_timeout=60,
    )


token = read("token")
claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
print(f"valid for {claims['exp'] - claims['iat']} s")
#> valid for 600 s
bound_to = claims["kubernetes.io"]["pod"]["uid"]
print(f"bound to this Pod: {bound_to == pod.metadata.uid}")
#> bound to this Pod: True

configuration = client.Configuration()
with tempfile.TemporaryDirectory() as folder:  # that nobody else can read
    files = {name: Path(folder, name) for name in ("token", "ca.crt")}
    files["token"].write_text(token)
    files["ca.crt"].write_text(read("ca.crt"))
    # load_incluster_config() does the same with the files and the address in the Pod.
    InClusterConfigLoader(
        token_filename=files["token"],
        cert_filename=files["ca.crt"],
        environ={
            "KUBERNETES_SERVICE_HOST": server.hostname,
            "KUBERNETES_SERVICE_PORT": str(server.port or 443),
        },
    ).load_and_set(configuration)
    with client.ApiClient(configuration) as api:
        authentication = client.AuthenticationV1Api(api)
        me = authentication.create_self_subject_review(
            {}, _request_timeout=30
        ).status.user_info
        print(f"I am {me.username}")
        #> I am system:serviceaccount:overview-configuration:default
        print(f"in {me.extra['authentication.kubernetes.io/pod-name']}")
        #> in ['program']

        core.delete_namespaced_pod("program", NAMESPACE, _request_timeout=30)
        # The API server remembers a good token for some seconds.
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                authentication.create_self_subject_review({}, _request_timeout=30)
                time.sleep(0.5)
            except client.ApiException as error:
                if error.status != 401:
                    raise
                print(f"after the Pod: {error.status} {error.reason}")
                #> after the Pod: 401 Unauthorized
                break
        else:
            raise TimeoutError("the token is good 120 s after the Pod's deletion")
