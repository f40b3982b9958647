"""Which pages are rendered anew? Those whose Markdown, or what it includes, is another.

Rendering is half of the time that a build takes. kept.py has what a page has become.
"""

import json
import re
from pathlib import Path
from typing import Any

import included_examples
from kept import kept, listed
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, get_toc

SNIPPET = re.compile(r"^[ \t]*-+8<-+", re.MULTILINE)


@event_priority(-100)  # When the other hooks have written their parts.
def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> None:
    """Have the page ask for what it has become before it renders itself."""
    included = _included(markdown, included_examples.folder(config))
    # A notebook's page has a render of its own, and keeps that itself.
    if "render" in vars(page) or included is None:
        return

    def render(config: MkDocsConfig, files: Files) -> None:
        made_from = [markdown, page.file.src_uri, *included, *_around(config, files)]

        def make() -> str:
            Page.render(page, config, files)
            return _state(page)

        name = f"pages/{page.file.dest_uri}.json"
        # Without an answer, the page has just been rendered.
        if state := kept(config, name, made_from, make):
            _restore(page, json.loads(state), files)

    page.render = render


def _included(markdown: str, examples: Path) -> list[str] | None:
    """The texts that a page includes, or None if not all of them can be told."""
    paths = [include.path for include in included_examples.includes(markdown)]
    if len(SNIPPET.findall(markdown)) != len(paths):
        return None
    files = [examples / path for path in paths]
    if not all(path.is_file() for path in files):
        return None
    texts = [path.read_text() for path in files]
    # A file may include others.
    return None if any(included_examples.includes(text) for text in texts) else texts


def _around(config: MkDocsConfig, files: Files) -> list[str]:
    """What pages are rendered by."""
    settings = Path(config.config_file_path).read_text()
    return [settings, config.config_file_path, listed(files)]


def _state(page: Page) -> str:
    """What rendering has set of a page, as JSON."""
    if page.links_to_anchors is None:
        return ""
    links = {file.src_uri: found for file, found in page.links_to_anchors.items()}
    return json.dumps(
        {
            "content": page.content,
            "toc": [_token(link) for link in page.toc],
            "title": vars(page).get("_title_from_render"),
            "anchors": sorted(page.present_anchor_ids or ()),
            "links": links,
        }
    )


def _restore(page: Page, state: dict[str, Any], files: Files) -> None:
    """Set of a page what rendering would set."""
    links = {files.get_file_from_path(uri): at for uri, at in state["links"].items()}
    vars(page).update(
        content=state["content"],
        toc=get_toc(state["toc"]),
        _title_from_render=state["title"],
        present_anchor_ids=set(state["anchors"]),
        links_to_anchors=links,
    )


def _token(link: AnchorLink) -> dict[str, Any]:
    """An entry of the table of contents as Markdown gives it to MkDocs."""
    children = [_token(child) for child in link.children]
    return {
        "name": link.title,
        "id": link.id,
        "level": link.level,
        "children": children,
    }
