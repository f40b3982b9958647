"""Kubeconfigs: files of one context that hold credentials."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from sandbox.cluster import no_proxy
from sandbox.errors import UserError

if TYPE_CHECKING:
    from kubernetes import client

Entry = dict[str, Any]
"""A name, and what is named under the key "context", "cluster" or "user"."""


def write(target: Path, context: Entry, cluster: Entry, user: Entry) -> None:
    """Write a file with this one context, which nobody but its owner can read."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context["name"],
        "contexts": [context],
        "clusters": [cluster],
        "users": [user],
    }
    target.touch(mode=0o600)
    target.write_text(yaml.safe_dump(content, sort_keys=False))


def cluster(file: Path) -> Entry:
    """The cluster of a file with one context, as `write` and kind make it."""
    return yaml.safe_load(file.read_text())["clusters"][0]


def server(file: Path) -> str:
    """The address of the API server in a file with one context."""
    return cluster(file)["cluster"]["server"]


def client_for(
    file: Path, *, anonymous: bool = False, retries: int | None = None
) -> client.ApiClient:
    """A client that acts as the current context of a file, or as nobody.

    It tries a request again as often as `retries` says; None: as is usual.
    """
    # Slow to import, and not all commands need it.
    from kubernetes import client, config

    configuration = client.Configuration(no_proxy=no_proxy(), retries=retries)
    try:
        if anonymous:
            content = yaml.safe_load(file.read_text())
            content["users"] = [u | {"user": {}} for u in content["users"]]
            config.load_kube_config_from_dict(content, None, configuration)
        else:
            config.load_kube_config(str(file), client_configuration=configuration)
    except config.ConfigException as error:
        raise UserError(f"{file} is not a working kubeconfig ({error})") from None
    return client.ApiClient(configuration)
