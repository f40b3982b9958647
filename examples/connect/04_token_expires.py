# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Follow changes for longer than a token is good."""

import sys
import tempfile
import time
from pathlib import Path

from kubernetes import client, config, watch

NAMESPACE = "overview-connect"
VERSION = "client.authentication.k8s.io/v1"

# Says the token that is in the file, for a minute, and counts its calls.
PLUGIN = """
import datetime, json, pathlib
folder = pathlib.Path(__file__).parent
with open(folder / "calls", "a") as calls:
    calls.write("called\\n")
end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=60)
status = {"token": (folder / "token").read_text()}
status["expirationTimestamp"] = end.strftime("%Y-%m-%dT%H:%M:%SZ")
print(json.dumps({"apiVersion": "VERSION", "kind": "ExecCredential", "status": status}))
""".replace("VERSION", VERSION)

config.load_kube_config()
core = client.CoreV1Api()
here = core.api_client.configuration
NEWS = {"namespace": NAMESPACE, "label_selector": "app=news"}


def new_token(secret: str) -> str:
    """Return a token that is good for as long as there is this Secret.

    The API server gives none for less than ten minutes. To spare you the wait, the
    Secret is deleted instead. Both end in the same answer, 401.
    """
    made = core.create_namespaced_secret(
        NAMESPACE, {"metadata": {"name": secret}}, _request_timeout=30
    )
    bound = {"apiVersion": "v1", "kind": "Secret", "name": secret}
    spec = {"audiences": [], "boundObjectRef": {**bound, "uid": made.metadata.uid}}
    return core.create_namespaced_service_account_token(
        "connect", NAMESPACE, {"spec": spec}, _request_timeout=30
    ).status.token


def tell(name: str) -> None:
    """Make a ConfigMap, for the watch to see."""
    metadata = {"name": name, "labels": {"app": "news"}}
    core.create_namespaced_config_map(
        NAMESPACE, {"metadata": metadata}, _request_timeout=30
    )


with tempfile.TemporaryDirectory() as folder:  # that nobody else can read
    Path(folder, "plugin.py").write_text(PLUGIN)
    token, calls = Path(folder, "token"), Path(folder, "calls")
    token.write_text(new_token("session-1"))
    cluster = {"server": here.host, "certificate-authority": here.ssl_ca_cert}
    run = {"apiVersion": VERSION, "command": sys.executable}
    run |= {"args": [f"{folder}/plugin.py"], "interactiveMode": "Never"}
    kubeconfig = {
        "clusters": [{"name": "it", "cluster": cluster}],
        "users": [{"name": "it", "user": {"exec": run}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "current-context": "it",
    }
    renewing = client.CoreV1Api(config.new_client_from_config_dict(kubeconfig))
    # A second client, which has the first token for good.
    kubeconfig["users"][0]["user"] = {"token": token.read_text()}
    fixed = client.CoreV1Api(config.new_client_from_config_dict(kubeconfig))

    def follow(version: str):
        """Begin a watch of what is told after this version, for minutes if need be."""
        options = {"resource_version": version, "timeout_seconds": 240}
        return watch.Watch().stream(
            renewing.list_namespaced_config_map, **NEWS, **options, _request_timeout=250
        )

    stream = follow(
        core.list_namespaced_config_map(
            **NEWS, _request_timeout=10
        ).metadata.resource_version
    )
    tell("one")
    print(f"while the token is good: {next(stream)['object'].metadata.name}")
    #> while the token is good: one

    core.delete_namespaced_secret("session-1", NAMESPACE, _request_timeout=30)
    token.write_text(new_token("session-2"))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:  # the API server remembers a good token for some seconds
            fixed.list_namespaced_config_map(**NEWS, _request_timeout=10)
            time.sleep(0.5)
        except client.ApiException as error:
            print(f"a new request with it: {error.status} {error.reason}")
            #> a new request with it: 401 Unauthorized
            break
    else:
        raise TimeoutError("the first token is good 60 s after its Secret")

    tell("two")
    seen = next(stream)["object"].metadata
    print(f"the watch that was there before: {seen.name}")
    #> the watch that was there before: two
    stream.close()

    tell("three")
    seen = next(follow(seen.resource_version))["object"].metadata
    print(f"the next watch: {seen.name}")
    #> the next watch: three
    print(f"calls of the plugin: {len(calls.read_text().splitlines())}")
    #> calls of the plugin: 3
