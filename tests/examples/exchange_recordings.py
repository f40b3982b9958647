"""What is kept of the runs of a story's programs, and what may not be in it.

book/run_in_page/recording.py has where, and which are of a story as it is now.
"""

import base64
import json
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from book.run_in_page import recording
from sandbox import binaries
from sandbox.cluster import Cluster
from sandbox.story import Program, Story
from tests import machine
from tests.examples.exchange import Exchange, Noted
from tests.examples.watcher import Watcher

ROOT = Path(__file__).parent.parent.parent

# Each Pod's state is written by KWOK there, so a recording is soon made, and anywhere.
DRIVER = "kwok"

# The stories of which a page has a block such as `/// replay | rollouts/04_undo.py`.
REPLAYED = {
    story
    for page in (ROOT / "docs").rglob("*.md")
    for story in re.findall(r"^/// replay \| ([\w-]+)/", page.read_text(), re.MULTILINE)
}

# Why a program can't be played that the driver can't run.
NEEDS = {
    "containers": "it needs containers that run",
    "images": "it needs containers that run",
}

# Why a page doesn't list requests, where `secret` says more.
SECRET = "they contain a credential"

# What `kubectl get` is asked for, in this order, where a program asked for it.
SHOWN = (
    *("deployments", "replicasets", "statefulsets", "daemonsets", "jobs", "cronjobs"),
    *("pods", "services", "endpointslices", "persistentvolumeclaims", "configmaps"),
    *("horizontalpodautoscalers", "poddisruptionbudgets", "resourcequotas"),
)
# Of these, readers want to see the Pods too.
RUN_PODS = {"deployments", "replicasets", "statefulsets", "daemonsets", "jobs"}
OF_KIND = re.compile(r"^/apis?/(?!metrics)[\w./-]*namespaces/[^/]+/(?P<kind>\w+)")

# https://www.rfc-editor.org/rfc/rfc7519#section-3: it and its header are JSON objects,
# in base64.
TOKEN = re.compile(r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}")
KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
# "-----BEGIN", and what else there is of the first line.
KEY_IN_BASE64 = re.compile(r"LS0tLS1CRUdJTi[\w+/]{0,50}")


def write(
    story: Story,
    cluster: Cluster,
    runs: dict[str, Noted],
    why_not: dict[str, str],
    watcher: Watcher | None = None,
) -> None:
    """Write down the runs of a story's programs.

    Args:
        story: the story.
        cluster: where its programs ran.
        runs: what was noted of each program that ran, by its file's name.
        why_not: why others can't be played, by their names.
        watcher: what has watched them, if a page has a replay of them.
    """
    programs: dict[str, Any] = {name: {"why_not": why} for name, why in why_not.items()}
    for name, run in runs.items():
        listed = [] if run.unlisted else run.exchanges
        programs[name] = {
            "start": round(run.start, 3),
            "seconds": run.seconds,
            "why_not": run.why_not,
            "unlisted": run.unlisted,
            "kubectl": run.kubectl,
            "exchanges": [_kept(each) for each in listed],
        }
    content: dict[str, Any] = {
        "kubernetes": cluster.kubernetes,
        "driver": cluster.driver,
        "date": datetime.now(UTC).date().isoformat(),
        **machine.described(),
        "programs": dict(sorted(programs.items())),
    }
    if watcher:
        content["changes"] = watcher.rows(min(run.start for run in runs.values()))
    recording.write(ROOT, story, content)


def _kept(one: Exchange) -> dict[str, Any]:
    kept = asdict(one)
    if one.chunks is None:
        kept["answer"] = one.answer or ""
        del kept["chunks"], kept["ended"]
    for key in ("headers", "failed"):
        if not kept[key]:
            del kept[key]
    return kept


def noted(program: dict[str, Any]) -> Noted:
    """What a recording says of a program."""
    exchanges = [Exchange(**each) for each in program["exchanges"]]
    return Noted(program["start"], program["seconds"], exchanges)


def obstacle(program: Program, missing: Iterable[str]) -> str:
    """Why a program can't be played that was not run.

    Args:
        program: the program.
        missing: what it needs and the driver has not.
    """
    return next(
        (NEEDS[need] for need in sorted(missing) if need in NEEDS),
        f"it needs {' and '.join(sorted(missing)) or program.stopped[0]}",
    )


def kubectl_get(
    cluster: Cluster, namespace: str, exchanges: Iterable[Exchange]
) -> tuple[str, str] | None:
    """What `kubectl get` shows now of the kinds that a program asked for.

    Returns:
        The command, without kubeconfig, and its output; None where there is none.
    """
    asked = {m["kind"] for each in exchanges if (m := OF_KIND.match(each.path))}
    if asked & RUN_PODS:
        asked.add("pods")
    kinds = [kind for kind in SHOWN if kind in asked]
    if not kinds:
        return None
    command = ["kubectl", "get", ",".join(kinds), f"--namespace={namespace}"]
    done = subprocess.run(
        [
            str(binaries.find("kubectl")),
            f"--kubeconfig={cluster.kubeconfig}",
            *command[1:],
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    return (" ".join(command), "\n".join(lines)) if lines else None


def secret(name: str, run: Noted, made: set[str]) -> str | None:
    """What of a run nobody may read who reads the site, in a sentence; or None.

    Args:
        name: the program's path below examples/, for the sentence.
        run: what was noted of it.
        made: the values of Secrets that programs of its story have made, in base64.
    """
    for each in run.exchanges:
        request = f"{each.method} {each.path}"
        text = "".join([each.body or "", each.answer or "", *_texts(each)])
        what = None
        if TOKEN.search(text):
            what = "a token"
        elif KEY.search(text) or any(map(_is_key, KEY_IN_BASE64.findall(text))):
            what = "a private key"
        elif {v for found in _answers(each) for v in _values(found)} - made:
            what = "a Secret's value that no program of its story made"
        if what:
            return (
                f"examples/{name}: {request} holds {what}, and is not recorded: ask for"
                " something else"
            )
    return None


def values_made(run: Noted) -> set[str]:
    """The values, in base64, of the Secrets that a program sent."""
    found: set[str] = set()
    for each in run.exchanges:
        if "/secrets" in each.path and each.body:
            sent = json.loads(each.body)
            found |= set((sent.get("data") or {}).values())
            plain: dict[str, str] = sent.get("stringData") or {}
            found |= {base64.b64encode(v.encode()).decode() for v in plain.values()}
    return found


def _texts(one: Exchange) -> list[str]:
    return [text for _, text in one.chunks or []]


def _answers(one: Exchange) -> Iterator[Any]:
    """What an exchange answers that is JSON: one text, or a line for each event."""
    for text in [one.answer or "", *"".join(_texts(one)).splitlines()]:
        try:
            yield json.loads(text)
        except ValueError:
            continue


def _values(found: Any, kind: str = "") -> Iterator[str]:
    """The values of all Secrets in an answer. In a list, only the list says so."""
    if isinstance(found, list):
        for each in found:
            yield from _values(each, kind)
    elif isinstance(found, dict):
        kind = found.get("kind") or kind
        if kind in ("Secret", "SecretList"):
            yield from (found.get("data") or {}).values()
        for key, each in found.items():
            yield from _values(each, kind if key == "items" else "")


def _is_key(text: str) -> bool:
    whole = text[: len(text) // 4 * 4]  # so many signs are so many bytes
    return bool(KEY.match(base64.b64decode(whole).decode(errors="replace")))
