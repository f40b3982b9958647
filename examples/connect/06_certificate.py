# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3"]
# ///
"""See what goes wrong with certificates, and mend it with the check switched on."""

from pathlib import Path

import urllib3
from kubernetes import client, config

NAMESPACE = "overview-connect"


def outcome(**settings) -> str:
    """Ask for the version with these settings, and say what came of it."""
    configuration = client.Configuration()
    config.load_kube_config(client_configuration=configuration)
    for name, value in settings.items():
        setattr(configuration, name, value)
    with client.ApiClient(configuration) as api:
        try:
            client.VersionApi(api).get_code(_request_timeout=10)
        except urllib3.exceptions.MaxRetryError as error:
            return error.reason.args[0].verify_message
    return "verified"


configuration = client.Configuration()
config.load_kube_config(client_configuration=configuration)
authority = Path(configuration.ssl_ca_cert).read_text()

# 1. Without the cluster's CA, those that the system trusts are taken. None knows it.
print(f"no CA: {outcome(ssl_ca_cert=None)}")
#> no CA: unable to get local issuer certificate

# 2. The CA from the kubeconfig, as text. Clouds hand it out in this form.
print(f"the CA as text: {outcome(ssl_ca_cert=None, ca_cert_data=authority)}")
#> the CA as text: verified

# 3. A server that is reached by another name than those in its certificate, through a
# tunnel for example. Say the name that it has.
for name in ["example.com", "kubernetes.default.svc"]:
    print(f"{name}: {outcome(tls_server_name=name)}")
    #> example.com: Hostname mismatch, certificate is not valid for 'example.com'.
    #> kubernetes.default.svc: verified
