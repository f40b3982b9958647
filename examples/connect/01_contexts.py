# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "pyyaml"]
# ///
"""Choose among the contexts of two kubeconfig files."""

import os
import tempfile
from pathlib import Path

import yaml
from kubernetes import client, config

NAMESPACE = "overview-connect"

config.load_kube_config()
core = client.CoreV1Api()
here = core.api_client.configuration
token = core.create_namespaced_service_account_token(
    "connect",
    NAMESPACE,
    {"spec": {"audiences": [], "expirationSeconds": 600}},
    _request_timeout=30,
).status.token


def kubeconfig(context: str, server: str) -> str:
    """Return a kubeconfig with one context; its cluster is always named "cluster"."""
    cluster = {"server": server, "certificate-authority": here.ssl_ca_cert}
    refers = {"cluster": "cluster", "user": context, "namespace": NAMESPACE}
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "cluster", "cluster": cluster}],
            "users": [{"name": context, "user": {"token": token}}],
            "contexts": [{"name": context, "context": refers}],
            "current-context": context,
        }
    )


with tempfile.TemporaryDirectory() as folder:  # that nobody else can read
    home, work = Path(folder, "home"), Path(folder, "work")
    home.write_text(kubeconfig("home", here.host))
    work.write_text(kubeconfig("work", "https://work.invalid"))
    # As in KUBECONFIG: a colon between them, on Windows a semicolon.
    both = os.pathsep.join([str(home), str(work)])

    contexts, current = config.list_kube_config_contexts(both)
    print(f"contexts: {', '.join(context['name'] for context in contexts)}")
    #> contexts: home, work
    print(f"current: {current['name']}")  # kubectl says home
    #> current: work

    for name in ["home", "work"]:
        with config.new_client_from_config(both, context=name) as api:
            own = api.configuration.host != here.host
            print(f"{name} leads to {'its own' if own else 'the first'} server")
            #> home leads to the first server
            #> work leads to the first server
    try:
        config.new_client_from_config(both, context="away")
    except config.ConfigException as error:
        print(str(error).partition(". ")[2].replace(str(home), "FILE"))
        #> Expected object with name away in FILE/contexts list
