# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Get tokens from a program, as the kubeconfigs of clouds do; see when it is called."""

import sys
import tempfile
from pathlib import Path

from kubernetes import client, config

NAMESPACE = "overview-connect"
VERSION = "client.authentication.k8s.io/v1"

# It writes down what it is asked. It answers with a token, and how long to keep it.
PLUGIN = """
import datetime, json, os, pathlib
folder = pathlib.Path(__file__).parent
with open(folder / "asked", "a") as asked:
    asked.write(os.environ["KUBERNETES_EXEC_INFO"] + "\\n")
status = {"token": (folder / "token").read_text()}
if minutes := os.environ["MINUTES"]:
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=int(minutes))
    status["expirationTimestamp"] = end.strftime("%Y-%m-%dT%H:%M:%SZ")
print(json.dumps({"apiVersion": "VERSION", "kind": "ExecCredential", "status": status}))
""".replace("VERSION", VERSION)

config.load_kube_config()
core = client.CoreV1Api()
here = core.api_client.configuration
token = core.create_namespaced_service_account_token(
    "connect",
    NAMESPACE,
    {"spec": {"audiences": [], "expirationSeconds": 600}},
    _request_timeout=30,
).status.token


def kubeconfig(folder: str, minutes: str) -> dict:
    """Return a kubeconfig whose user is whoever the plugin says."""
    run = {
        "apiVersion": VERSION,
        "command": sys.executable,
        "args": [f"{folder}/plugin.py"],
        "env": [{"name": "MINUTES", "value": minutes}],
        "interactiveMode": "Never",
    }
    cluster = {"server": here.host, "certificate-authority": here.ssl_ca_cert}
    return {
        "clusters": [{"name": "it", "cluster": cluster}],
        "users": [{"name": "plugin", "user": {"exec": run}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "plugin"}}],
        "current-context": "it",
    }


with tempfile.TemporaryDirectory() as folder:  # that nobody else can read
    asked = Path(folder, "asked")
    Path(folder, "plugin.py").write_text(PLUGIN)
    Path(folder, "token").write_text(token)
    for minutes in ["60", "4", ""]:
        asked.write_text("")
        with config.new_client_from_config_dict(kubeconfig(folder, minutes)) as api:
            authentication = client.AuthenticationV1Api(api)
            for _ in range(3):
                me = authentication.create_self_subject_review(
                    {}, _request_timeout=30
                ).status.user_info
        kept = f"good for {minutes} minutes" if minutes else "no end said"
        calls = len(asked.read_text().splitlines())
        print(f"{kept}: requests 3, calls {calls}")
        #> good for 60 minutes: requests 3, calls 1
        #> good for 4 minutes: requests 3, calls 4
        #> no end said: requests 3, calls 1
    print(me.username)
    #> system:serviceaccount:overview-connect:connect

    # A plugin that fails is only logged, and the request goes without credentials.
    Path(folder, "plugin.py").write_text("raise SystemExit('log in first')")
    with config.new_client_from_config_dict(kubeconfig(folder, "60")) as api:
        try:
            client.AuthenticationV1Api(api).create_self_subject_review(
                {}, _request_timeout=30
            )
        except client.ApiException as error:
            anonymous = "system:anonymous" in error.body
            print(f"it failed: {error.status} {error.reason}, anonymous: {anonymous}")
            #> it failed: 403 Forbidden, anonymous: True
