"""What the page "Connect from Python" says of clients' traps, beside its programs.

When the client is mended, a test here turns red, and the page can say less.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3
import yaml
from kubernetes import client, config

from sandbox import binaries
from sandbox.cluster import Cluster
from tests.servers import Quiet, serving

VERSION = "client.authentication.k8s.io/v1"


def kubeconfig(name: str, server: str, user: dict[str, Any]) -> dict[str, Any]:
    """One cluster, one user and one context, all of the same name."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": server}}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }


def plugin(folder: Path, status: dict[str, Any], more: str = "") -> dict[str, Any]:
    """A user of whom a program tells the credentials; it writes down its calls."""
    path = folder / "plugin.py"
    credential = {"apiVersion": VERSION, "kind": "ExecCredential", "status": status}
    path.write_text(
        "import pathlib, sys\n"
        f"with open({str(folder / 'calls')!r}, 'a') as calls: calls.write('.')\n"
        f"{more}\n"
        f"print({json.dumps(credential)!r})\n"
    )
    command = {"command": sys.executable, "args": [str(path)]}
    return {
        "exec": {"apiVersion": VERSION, "interactiveMode": "IfAvailable", **command}
    }


@contextmanager
def answering(status: int) -> Generator[tuple[str, list[str]]]:
    """The address of a server that has one answer, and the tokens that came along."""
    tokens: list[str] = []

    class Handler(Quiet):
        def do_GET(self) -> None:
            tokens.append(self.headers.get("Authorization", ""))
            self.answer(status, b'{"metadata":{}}')

    with serving(Handler) as address:
        yield address, tokens


@pytest.fixture
def two_files(tmp_path: Path) -> str:
    """Two kubeconfigs, as they stand in KUBECONFIG."""
    paths = [tmp_path / "home", tmp_path / "work"]
    for path in paths:
        content = kubeconfig(path.name, f"https://{path.name}.invalid", {"token": "x"})
        path.write_text(yaml.safe_dump(content))
    return os.pathsep.join(map(str, paths))


@pytest.mark.one_driver
def test_kubectl_takes_the_first_current_context(
    two_files: str, cluster: Cluster
) -> None:
    _, current = config.list_kube_config_contexts(two_files)
    assert current["name"] == "work"
    done = subprocess.run(
        [binaries.find("kubectl"), "config", "current-context"],
        env={**os.environ, "KUBECONFIG": two_files},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "home\n"


def test_load_config_takes_the_configuration_of_a_pod_for_two_files(
    two_files: str,
) -> None:
    for call, code in [("load_kube_config()", 0), ("load_config()", 1)]:
        done = subprocess.run(
            [sys.executable, "-c", f"from kubernetes import config; config.{call}"],
            env={**os.environ, "KUBECONFIG": two_files},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stderr
        if code:
            assert "Service host/port is not set." in done.stderr


def test_plugin_is_not_called_again_after_401(tmp_path: Path) -> None:
    with answering(401) as (server, tokens):
        content = kubeconfig("it", server, plugin(tmp_path, {"token": "old"}))
        with config.new_client_from_config_dict(content) as api:
            for _ in range(2):
                with pytest.raises(client.ApiException):
                    client.VersionApi(api).get_code()
    assert tokens == ["Bearer old", "Bearer old"]
    assert (tmp_path / "calls").read_text() == "."


def test_certificate_of_a_plugin_is_not_renewed(tmp_path: Path) -> None:
    status = {
        "clientCertificateData": "certificate",
        "clientKeyData": "key",
        "expirationTimestamp": "2026-01-01T00:00:00Z",
    }
    content = kubeconfig("it", "https://it.invalid", plugin(tmp_path, status))
    configuration = client.Configuration()
    config.load_kube_config_from_dict(content, client_configuration=configuration)
    assert Path(str(configuration.cert_file)).read_text() == "certificate"
    assert configuration.refresh_api_key_hook is None


@pytest.mark.parametrize("fails", [False, True])
def test_question_of_a_plugin_is_not_heard_without_a_terminal(
    tmp_path: Path, fails: bool
) -> None:
    question = "sys.stderr.write('open the page and enter the code')"
    content = kubeconfig(
        "it",
        "https://it.invalid",
        plugin(tmp_path, {"token": "x"}, question + ("; sys.exit(1)" if fails else "")),
    )
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(content))
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from kubernetes import config as c; c.load_kube_config()",
        ],
        env={**os.environ, "KUBECONFIG": str(path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert (tmp_path / "calls").read_text() == "."
    # Only in the end, and as part of the error, when nobody can answer any more.
    assert ("enter the code" in done.stderr) == fails
    assert ("ERROR" in done.stderr) == fails


def test_hook_is_called_only_if_there_is_a_key() -> None:
    with answering(200) as (server, tokens):
        for keys in [{}, {"BearerToken": ""}]:
            configuration: Any = client.Configuration(host=server, api_key=dict(keys))
            configuration.refresh_api_key_hook = renewed
            with client.ApiClient(configuration) as api:
                client.CoreV1Api(api).read_namespaced_config_map("one", "default")
    assert tokens == ["", "Bearer new"]


def renewed(configuration: client.Configuration) -> None:
    configuration.api_key["BearerToken"] = "Bearer new"


def test_kubeconfig_may_name_a_proxy() -> None:
    content = kubeconfig("it", "https://it.invalid", {"token": "x"})
    content["clusters"][0]["cluster"]["proxy-url"] = "http://127.0.0.1:1"
    configuration = client.Configuration()
    config.load_kube_config_from_dict(content, client_configuration=configuration)
    assert configuration.proxy == "http://127.0.0.1:1"


@pytest.mark.one_driver
def test_kubectl_takes_no_proxy_to_this_machine_and_the_client_does(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, nobody)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "")
    done = subprocess.run(
        [binaries.find("kubectl"), f"--kubeconfig={cluster.kubeconfig}", "version"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Server Version" in done.stdout, done.stderr
    # The client as it is: the sandbox's own knows better.
    file = str(cluster.kubeconfig)
    with config.new_client_from_config(config_file=file) as api:
        with pytest.raises(urllib3.exceptions.MaxRetryError, match="proxy"):
            client.VersionApi(api).get_code(_request_timeout=10)
        monkeypatch.setenv("no_proxy", "10.0.0.0/8,127.0.0.0/8,localhost")
    with config.new_client_from_config(config_file=file) as api:
        client.VersionApi(api).get_code(_request_timeout=10)


@pytest.mark.one_driver
def test_certificate_that_is_not_known_is_one_of_two_exceptions(
    cluster: Cluster,
) -> None:
    def without_ca(**settings: Any) -> client.VersionApi:
        configuration = client.Configuration()
        config.load_kube_config(
            str(cluster.kubeconfig), client_configuration=configuration
        )
        configuration.ssl_ca_cert = None
        for name, value in settings.items():
            setattr(configuration, name, value)
        return client.VersionApi(client.ApiClient(configuration))

    with pytest.raises(urllib3.exceptions.MaxRetryError) as four:
        without_ca().get_code(_request_timeout=10)
    assert "CERTIFICATE_VERIFY_FAILED" in str(four.value.reason)
    with pytest.raises(client.ApiException) as one:
        without_ca(retries=False).get_code(_request_timeout=10)
    assert one.value.status == 0
    assert "CERTIFICATE_VERIFY_FAILED" in str(one.value.reason)
