"""Which page shows how to call what: methods of the client's API classes.

They are read from the programs, by the names that the programs give to instances.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError

from book.site import View
from sandbox.errors import UserError
from sandbox.story import source


def owners(view: View) -> list[dict[str, Any]]:
    """The API classes, their methods, and links to the programs that call them.

    Raises PluginError where a notebook cannot be read.
    """
    found: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))

    def add(code: str, name: str, to: str) -> None:
        for owner, method in calls(code):
            found[owner][method][name] = to

    site = view.site
    for path in site.pages:
        to = view.link(site.page_of(path, view.page))
        add((site.examples / path).read_text(), path.removesuffix(".py"), to)
    for file in site.files.documentation_pages():
        if file.src_uri.endswith(".ipynb"):
            try:
                code = source(Path(str(file.abs_src_path)))
            except UserError as error:
                raise PluginError(str(error)) from None
            name = file.src_uri.removesuffix(".ipynb")
            add(code, name, view.link(file.src_uri))
    return [
        {
            "name": owner,
            "methods": [
                (method, [{"name": n, "to": to} for n, to in sorted(places.items())])
                for method, places in sorted(found[owner].items())
            ],
        }
        for owner in sorted(found)
    ]


@cache  # for `make serve`, which builds the page anew whenever another is saved
def calls(source: str) -> frozenset[tuple[str, str]]:
    """Each method that a program takes from an API class, with that class's name.

    Also where it only names one, to hand it to a watch.
    """
    tree = ast.parse(source)
    owners = dict(instances(tree))
    found: set[tuple[str, str]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = api_class(node.value)
            if isinstance(node.value, ast.Name):
                owner = owners.get(node.value.id)
            if owner and node.attr != "api_client":
                found.add((owner, node.attr))
    return frozenset(found)


def instances(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Names of variables and parameters that hold an API class, and which."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Tuple(names)], value=ast.Tuple(values)):
                pairs = list(zip(names, values, strict=True))
            case ast.Assign(targets=[name], value=value):
                pairs = [(name, value)]
            case ast.arg(arg=name, annotation=ast.Attribute(attr=owner)):
                pairs = []
                if owner.endswith("Api"):
                    yield name, owner
            case _:
                continue
        for name, value in pairs:
            if isinstance(name, ast.Name) and (owner := api_class(value)):
                yield name.id, owner


def api_class(node: ast.AST) -> str | None:
    """The class that an expression makes an instance of, if it is one of the API's."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name if name.endswith("Api") else None
        case _:
            return None
