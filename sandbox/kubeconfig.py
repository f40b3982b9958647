"""Kubeconfigs: files of one context that hold credentials."""

from pathlib import Path
from typing import Any

import yaml

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
