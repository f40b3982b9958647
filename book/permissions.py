"""What a page's identity may do: its Roles in words.

For who wants to know what a page does to a cluster, four words are enough. Which verbs
these are is in setup.yaml, on the same page.
"""

from collections import defaultdict

from sandbox.story import Story

# Other verbs are such words themselves.
WORDS = {
    "get": "read",
    "list": "read",
    "watch": "read",
    "patch": "change",
    "update": "change",
    "deletecollection": "delete",
}
ORDER = ["create", "read", "change", "delete"]


def allowed(story: Story) -> list[tuple[str, list[str]]]:
    """What the Roles of a story allow in its Namespace, and ClusterRoles anywhere."""
    places = [
        ("In its Namespace", _allowed(story, "Role")),
        ("In the whole cluster", _allowed(story, "ClusterRole")),
    ]
    return [(where, rights) for where, rights in places if rights]


def outside(story: Story) -> list[str]:
    """What a story makes outside of its Namespace.

    That is what setup.yaml has in none, and what its ClusterRoles let it create.
    """
    made = [
        f"{m['kind']} `{m['metadata']['name']}`"
        for m in story.setup
        if "namespace" not in m["metadata"] and m["kind"] != "Namespace"
    ]
    return made + [
        f"`{resource}`"
        for m in story.setup
        for rule in (m["rules"] if m["kind"] == "ClusterRole" else [])
        for resource in rule["resources"]
        # What is created of a review is an answer, and is nowhere kept.
        if "create" in rule["verbs"] and not resource.endswith("reviews")
    ]


def _allowed(story: Story, kind: str) -> list[str]:
    """The rules of all of a story's Roles of one kind, in words.

    Resources of which it may do the same are named together: read `pods` and `events`.
    """
    rights: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for manifest in story.setup:
        for rule in manifest["rules"] if manifest["kind"] == kind else []:
            names = [f"`{name}`" for name in rule.get("resourceNames", [])]
            named = f" named {listed(names)}" if names else ""
            verbs: list[str] = rule["verbs"]
            allowed = {WORDS.get(verb, verb) for verb in verbs}
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    # Groups beside the oldest ones are named as kubectl does.
                    name = f"`{resource}.{group}`" if "." in group else f"`{resource}`"
                    rights[name, named] |= allowed
    alike: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for (name, named), words in rights.items():
        ordered = [word for word in ORDER if word in words] + sorted(words - {*ORDER})
        alike[listed(ordered), named].append(name)
    return [
        f"{words} {listed(names)}{named}" for (words, named), names in alike.items()
    ]


def listed(items: list[str]) -> str:
    """Join words as a sentence does: `a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if items[1:] else items)
