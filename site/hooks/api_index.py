"""Which page shows how to call what? `<!-- api-index -->` becomes the list.

It is read from the programs: methods of the client's API classes, by the names that
the programs give to their instances.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import included_examples
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from sandbox.errors import UserError
from sandbox.story import source

MARKER = "<!-- api-index -->"


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Replace the marker by a list of calls for each class.

    Raises PluginError where a notebook cannot be read.
    """
    if MARKER not in markdown:
        return markdown
    root = included_examples.folder(config)
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    pages = dict(included_examples.pages(files))
    for path in pages:
        if path.endswith(".py"):
            for owner, method in calls((root / path).read_text()):
                found[owner][method].add(path)
    for file in files.documentation_pages():
        if file.src_uri.endswith(".ipynb"):
            pages[file.src_uri] = file.src_uri
            try:
                cells = source(Path(str(file.abs_src_path)))
            except UserError as error:
                raise PluginError(str(error)) from None
            for owner, method in calls(cells):
                found[owner][method].add(file.src_uri)
    return markdown.replace(
        MARKER,
        "\n\n".join(section(owner, found[owner], pages) for owner in sorted(found)),
    )


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


def link(path: str, page: str) -> str:
    """A link to a program at its place on a page, or to a notebook, which is a page."""
    if path == page:
        return f"[{path.removesuffix('.ipynb')}]({page})"
    return (
        f"[{path.removesuffix('.py')}]({page}#{included_examples.anchor(path, page)})"
    )


def section(owner: str, methods: dict[str, set[str]], pages: dict[str, str]) -> str:
    """The methods of a class, and links to the programs that call them."""
    rows: list[str] = []
    for method, programs in sorted(methods.items()):
        links = " ".join(link(path, pages[path]) for path in sorted(programs))
        rows.append(f"<dt><code>{method}</code></dt>")
        rows.append(f'<dd markdown="span">{links}</dd>')
    listed = "\n".join(rows)
    return f'## {owner}\n\n<dl class="api-index" markdown="1">\n{listed}\n</dl>'
