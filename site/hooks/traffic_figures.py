"""How many requests failed? `<!-- traffic -->` becomes the figures of the recorded run.

They are those of recordings/traffic.json, which `python -m tests.bench.record traffic`
writes.
"""

import json
from datetime import date
from pathlib import Path
from typing import TypedDict, cast

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

MARKER = "<!-- traffic -->"


class Figures(TypedDict):
    """What happened to the requests of one Deployment; `errors` are their endings."""

    requests: int
    failed: int
    seconds: float
    errors: list[str]


class Recording(TypedDict):
    """recordings/traffic.json."""

    kubernetes: str
    date: str
    cores: int
    memory_gib: int
    load: float
    bare: Figures
    careful: Figures


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Replace the marker by a table and what the figures are from."""
    if MARKER not in markdown:
        return markdown
    path = Path(config.config_file_path).parent / "recordings" / "traffic.json"
    recording = cast(Recording, json.loads(path.read_text()))
    return markdown.replace(MARKER, table(recording))


def table(run: Recording) -> str:
    """Requests and failures of both Deployments, and on what machine."""
    rows = "\n".join(
        f"| {name} | {each['requests']:,} | {each['failed']:,} "
        f"| {each['seconds']:.0f} s |"
        for name, each in [("`bare`", run["bare"]), ("`careful`", run["careful"])]
    )
    reasons = " or ".join(f"*{error}*" for error in run["bare"]["errors"])
    day = date.fromisoformat(run["date"])
    return (
        "| Deployment | requests | failed | update and rollback took |\n"
        f"| --- | --: | --: | --: |\n{rows}\n\n"
        f"What failed, failed with {reasons}. "
        f"Recorded on {day:%d %B %Y} on kind: Kubernetes {run['kubernetes']}, "
        f"one node, real containers, on a machine of {run['cores']} cores and "
        f"{run['memory_gib']} GiB (load average {run['load']:g})."
    )
