"""What may a page's identity do? `<!-- permissions: STORY -->` becomes a closed box."""

import re
from typing import Any

import included_examples
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from sandbox.story import Story

MARKER = re.compile(r"^<!-- permissions: (?P<story>[\w-]+) -->$", re.MULTILINE)

BOX = """\
The programs run as the ServiceAccount `{service_account}`. {summary}

??? permissions "setup.yaml: {kinds}"

    ```yaml
    --8<-- "{name}/setup.yaml"
    ```

    [Download setup.yaml](examples/{name}/setup.yaml){{ download }}
"""


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Replace the marker by a summary of the Role and the whole of setup.yaml."""

    def box(match: re.Match[str]) -> str:
        story = included_examples.story(config, match["story"], page.file.src_uri)
        return BOX.format(
            name=story.name,
            kinds=listed([manifest["kind"] for manifest in story.setup]),
            service_account=story.service_account,
            summary=summary(story),
        )

    return MARKER.sub(box, markdown)


def summary(story: Story) -> str:
    """What the Roles and ClusterRoles of a story allow, and where, in a sentence."""
    here, everywhere = rules(story, "Role"), rules(story, "ClusterRole")
    if here and everywhere:
        return (
            f"In the Namespace `{story.namespace}` it may {here}. "
            f"In the whole cluster it may {everywhere}, and nothing else."
        )
    if everywhere:
        return f"In the whole cluster it may {everywhere}, and nothing else."
    return f"In the Namespace `{story.namespace}`, and nowhere else, it may {here}."


def rules(story: Story, kind: str) -> str:
    """The rules of all of a story's Roles of one kind, in words."""
    return "; ".join(
        words(rule)
        for manifest in story.setup
        if manifest["kind"] == kind
        for rule in manifest["rules"]
    )


def words(rule: dict[str, Any]) -> str:
    """A rule of a Role in words: get and list `pods`.

    Groups beside the oldest ones are named as kubectl does (`pods.metrics.k8s.io`).
    """
    resources = [
        f"`{resource}.{group}`" if "." in group else f"`{resource}`"
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    ]
    names = [f"`{name}`" for name in rule.get("resourceNames", [])]
    named = f" named {listed(names)}" if names else ""
    return f"{listed(rule['verbs'])} {listed(resources)}{named}"


def listed(items: list[str]) -> str:
    """Join words as a sentence does: `a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if items[1:] else items)
