"""Which page shows how to call what: methods of the client's API classes.

They are read from the programs, by the names that the programs give to instances.
"""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from book.folds import parse
from book.site import View
from sandbox.story import is_notebook, source


def part(view: View, argument: str) -> tuple[str, dict[str, Any]]:
    """Return the template "api-index" and its values: classes, methods, and programs.

    Raises UserError where a notebook cannot be read.
    """
    site = view.site
    programs = {
        path.removesuffix(".py"): (site.examples / path, site.page_of(path))
        for path in site.shown
    }
    programs |= {
        file.src_uri.removesuffix(".ipynb"): (path, file.src_uri)
        for file in site.files.documentation_pages()
        if is_notebook(path := Path(str(file.abs_src_path)))
    }
    places: defaultdict[str, defaultdict[str, list[dict[str, str]]]]
    places = defaultdict(lambda: defaultdict(list))
    for name, (path, page) in sorted(programs.items()):
        for owner, method in calls(source(path)):
            places[owner][method].append({"name": name, "to": view.link(page)})
    owners = [
        {"name": owner, "methods": sorted(methods.items())}
        for owner, methods in sorted(places.items())
    ]
    return "api-index", {"owners": owners}


def calls(source: str) -> set[tuple[str, str]]:
    """Return each method that a program takes from an API class, with the class's name.

    Also where it only names one, to hand it to a watch.
    """
    kinds = (ast.Assign, ast.arg, ast.Attribute)
    nodes = [node for node in ast.walk(parse(source)) if isinstance(node, kinds)]
    owners = dict(instances(nodes))
    return {
        (owner, node.attr)
        for node in nodes
        if isinstance(node, ast.Attribute) and node.attr != "api_client"
        if (owner := api_class(node.value, owners))
    }


def instances(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str]]:
    """Yield names of variables and parameters that hold an API class, and which."""
    for node in nodes:
        pairs: list[tuple[ast.expr, ast.expr]] = []
        match node:
            case ast.Assign(targets=[ast.Tuple(names)], value=ast.Tuple(values)):
                pairs = list(zip(names, values, strict=True))
            case ast.Assign(targets=[name], value=value):
                pairs = [(name, value)]
            case ast.arg(arg=name, annotation=ast.Attribute(attr=owner)):
                if owner.endswith("Api"):
                    yield name, owner
            case _:
                pass
        for name, value in pairs:
            if isinstance(name, ast.Name) and (owner := api_class(value, {})):
                yield name.id, owner


def api_class(node: ast.AST, owners: dict[str, str]) -> str | None:
    """Return the class of the API's of which an expression is an instance, if any.

    Args:
        node: the expression.
        owners: the classes of which variables hold instances, by their names.
    """
    match node:
        case ast.Name(id=name):
            return owners.get(name)
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name if name.endswith("Api") else None
        case _:
            return None
