"""What may a page's identity do? `<!-- permissions: STORY -->` becomes a closed box."""

import re
from typing import Any

import included_examples
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from sandbox.story import Story

MARKER = re.compile(r"^<!-- permissions: (?P<story>[\w-]+) -->$", re.MULTILINE)

BOX = """\
The programs run as the ServiceAccount `{service_account}`. In the Namespace
`{namespace}`, and nowhere else, it may {summary}.

??? permissions "setup.yaml: Namespace, ServiceAccount, Role and RoleBinding"

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
            namespace=story.namespace,
            service_account=story.service_account,
            summary=summary(story),
        )

    return MARKER.sub(box, markdown)


def summary(story: Story) -> str:
    """What the Roles of a story allow, in words.

    Raises PluginError where setup.yaml grants more than a Role can: the sentence
    around these words says "in the Namespace and nowhere else".
    """
    rules: list[dict[str, Any]] = []
    for manifest in story.setup:
        kind = manifest["kind"]
        if kind in ("ClusterRole", "ClusterRoleBinding"):
            raise PluginError(
                f"examples/{story.name}/setup.yaml has a {kind}: "
                "the permissions box describes Roles only"
            )
        if kind == "Role":
            rules += manifest["rules"]
    return "; ".join(words(rule) for rule in rules)


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
