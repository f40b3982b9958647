"""The index of API calls names what the programs call, and where."""

import re
from pathlib import Path

from kubernetes import client

from sandbox.story import source
from tests.site.build import ROOT
from tests.site.soups import soup

# Found in another way than the index is made: by how the client names its methods.
CALL = re.compile(r"\b\w+\.((?:create|read|list|patch|replace|delete|connect)_\w+)")


def listed(site: Path) -> dict[str, dict[str, set[str]]]:
    """For each class the methods in the index, and the programs that each leads to."""
    by_class: dict[str, dict[str, set[str]]] = {}
    for calls in soup(site / "api-index" / "index.html").select("dl.api-index"):
        heading = calls.find_previous("h2")
        assert heading is not None
        by_class[heading.get_text().removesuffix("#")] = {
            method.get_text(): {a.get_text() for a in places.select("a")}
            for method, places in zip(
                calls.select("dt"), calls.select("dd"), strict=True
            )
        }
    return by_class


def test_every_call_of_a_program_is_in_the_index(site: Path) -> None:
    index = listed(site)
    methods: dict[str, set[str]] = {}
    for owner in index.values():
        for method, programs in owner.items():
            methods.setdefault(method, set()).update(programs)
    paths = [*ROOT.glob("examples/*/*.py"), *ROOT.glob("docs/notebooks/*.ipynb")]
    for path in sorted(paths):
        for method in CALL.findall(source(path)):
            # A model's own method, or a cluster's, is no call of the API.
            if any(hasattr(getattr(client, name), method) for name in index):
                program = f"{path.parent.name}/{path.stem}"
                assert program in methods.get(method, set()), (program, method)


def test_the_index_names_methods_that_the_client_has(site: Path) -> None:
    by_class = listed(site)
    assert "create_namespaced_deployment" in by_class["AppsV1Api"]
    for owner, methods in by_class.items():
        for method in methods:
            assert hasattr(getattr(client, owner), method), (owner, method)
